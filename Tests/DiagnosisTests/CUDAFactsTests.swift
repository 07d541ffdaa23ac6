import Diagnosis
import Testing

@Suite struct CUDAFactsTests {
  @Test func `releases grow in every column`() {
    for (older, newer) in zip(CUDAFacts.releases, CUDAFacts.releases.dropFirst()) {
      #expect(older.version < newer.version)
      #expect(older.driver < newer.driver)
      #expect(older.newestGCC <= newer.newestGCC)
      #expect(older.capabilities.lowerBound <= newer.capabilities.lowerBound)
      #expect(older.capabilities.upperBound <= newer.capabilities.upperBound)
    }
  }

  // NVIDIA's CUDA Toolkit Release Notes and CUDA Installation Guide for Linux.
  @Test(arguments: [
    (Version(10, 2), 8, Version(440, 33)), (Version(11, 8), 11, Version(520, 61, 5)),
    (Version(12, 2), 12, Version(535, 54, 3)), (Version(12, 4), 13, Version(550, 54, 14)),
    (Version(13, 0), 15, Version(580, 65, 6)),
    // Between two releases of the table the older one's figures hold.
    (Version(12, 7), 13, Version(560, 28, 3)), (Version(7, 5), 5, Version(375, 26)),
  ])
  func `a release is found`(version: Version, gcc: Int, driver: Version) {
    #expect(CUDAFacts.release(version).newestGCC == gcc)
    #expect(CUDAFacts.release(version).driver == driver)
  }

  @Test func `drivers serve all of their major version from CUDA 11 on`() {
    #expect(CUDAFacts.oldestDriver(forToolkit: Version(11, 8)) == Version(450, 80, 2))
    #expect(CUDAFacts.oldestDriver(forToolkit: Version(12, 9)) == Version(525, 60, 13))
    #expect(CUDAFacts.oldestDriver(forToolkit: Version(13, 1)) == Version(580, 65, 6))
    #expect(CUDAFacts.oldestDriver(forToolkit: Version(10, 1)) == Version(418, 39))
    #expect(CUDAFacts.cuda(ofDriver: Version(535, 183, 1)) == Version(12, 2))
    #expect(CUDAFacts.cuda(ofDriver: Version(340)) == nil)
  }

  @Test func `cards and toolkits find each other`() {
    #expect(CUDAFacts.oldestToolkit(forCapability: Version(8, 9)) == Version(11, 8))
    #expect(CUDAFacts.oldestToolkit(forCapability: Version(12, 0)) == Version(12, 8))
    #expect(CUDAFacts.newestToolkit(forCapability: Version(6, 1)) == Version(12, 9))
    #expect(CUDAFacts.newestToolkit(forCapability: Version(3, 5)) == Version(11, 8))
    #expect(CUDAFacts.oldestToolkit(forCapability: Version(99)) == nil)
  }

  // NVIDIA's page "CUDA GPU Compute Capability", today's and the one of legacy GPUs.
  @Test(arguments: [
    ("NVIDIA GeForce GTX 1080 Ti", Version(6, 1)), ("NVIDIA TITAN RTX", Version(7, 5)),
    ("NVIDIA GeForce RTX 3060 Laptop GPU", Version(8, 6)), ("Quadro RTX 5000", Version(7, 5)),
    ("NVIDIA RTX A4000", Version(8, 6)), ("NVIDIA RTX 4000 Ada Generation", Version(8, 9)),
    ("NVIDIA A100-SXM4-80GB", Version(8, 0)), ("NVIDIA A10", Version(8, 6)),
    ("NVIDIA L40S", Version(8, 9)), ("NVIDIA H100 PCIe", Version(9, 0)),
    ("NVIDIA GeForce RTX 5070", Version(12, 0)), ("Tesla V100-PCIE-16GB", Version(7, 0)),
    ("NVIDIA Jetson AGX Orin", Version(8, 7)), ("NVIDIA Jetson Nano Developer Kit", Version(5, 3)),
    ("NVIDIA GeForce GTX 1650", Version(7, 5)), ("Tesla P40", Version(6, 1)),
    ("NVIDIA Jetson Xavier NX", Version(7, 2)), ("GeForce GTX TITAN X", Version(5, 2)),
  ])
  func `a card's compute capability follows from its name`(name: String, capability: Version) {
    #expect(CUDAFacts.capability(ofCard: name) == capability)
    #expect(CUDAFacts.capability(ofCard: "Matrox G200") == nil)
  }

  @Test func `cuDNN is made for one or two major versions of CUDA`() {
    #expect(CUDAFacts.cudaMajors(ofCuDNN: Version(7, 6, 5)) == 8...10)
    #expect(CUDAFacts.cudaMajors(ofCuDNN: Version(8, 2)) == 10...11)
    #expect(CUDAFacts.cudaMajors(ofCuDNN: Version(8, 9)) == 11...12)
    #expect(CUDAFacts.cudaMajors(ofCuDNN: Version(9, 10)) == 11...12)
    #expect(CUDAFacts.cudaMajors(ofCuDNN: Version(9, 12)) == 12...13)
  }
}
