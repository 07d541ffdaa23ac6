import Parsing

/// What is wrong with an annotation file, and where.
public typealias AnnotationFault = ParsingFault
