extension SimulatedEC2 {
    /// An instance type with what DescribeInstanceTypes tells about it.
    package struct MachineType: Hashable, Sendable {
        package struct Accelerators: Hashable, Sendable {
            package var name: String
            package var manufacturer: String
            package var count: Int
            /// MiB of each.
            package var memory: Int
        }

        package var name: String
        package var vCPUs: Int
        /// MiB.
        package var memory: Int
        package var gpus: Accelerators?
        /// GB of NVMe, 0 where there is none.
        package var localStorage: Int
        /// US dollars an hour on demand.
        package var price: Double

        package var family: Quota.Family { Quota.Family(type: name) }

        private init(
            _ name: String, _ vCPUs: Int, _ gibibytes: Int, _ gpu: (String, Int, Int)?,
            _ localStorage: Int, _ price: Double
        ) {
            self.name = name
            self.vCPUs = vCPUs
            memory = gibibytes * 1024
            gpus = gpu.map {
                Accelerators(name: $0.0, manufacturer: "NVIDIA", count: $0.1, memory: $0.2)
            }
            self.localStorage = localStorage
            self.price = price
        }

        /// A type of which no more than the price is known: it has no accelerators.
        package init(_ name: String, price: Double) {
            self.init(name, 1, 1, nil, 0, price)
        }

        /// Types that trainings use, with us-east-1's prices of 2026-07-20 (Karpenter's generated
        /// price file; t3, m5 and p3 by the EC2 price list).
        package static let known: [MachineType] = [
            MachineType("g4dn.xlarge", 4, 16, ("T4", 1, 16384), 125, 0.526),
            MachineType("g4dn.12xlarge", 48, 192, ("T4", 4, 16384), 900, 3.912),
            MachineType("g5.xlarge", 4, 16, ("A10G", 1, 22888), 250, 1.006),
            MachineType("g5.2xlarge", 8, 32, ("A10G", 1, 22888), 450, 1.212),
            MachineType("g5.4xlarge", 16, 64, ("A10G", 1, 22888), 600, 1.624),
            MachineType("g5.8xlarge", 32, 128, ("A10G", 1, 22888), 900, 2.448),
            MachineType("g5.12xlarge", 48, 192, ("A10G", 4, 22888), 3800, 5.672),
            MachineType("g5.16xlarge", 64, 256, ("A10G", 1, 22888), 1900, 4.096),
            MachineType("g5.24xlarge", 96, 384, ("A10G", 4, 22888), 3800, 8.144),
            MachineType("g5.48xlarge", 192, 768, ("A10G", 8, 22888), 7600, 16.288),
            MachineType("g6.xlarge", 4, 16, ("L4", 1, 22888), 250, 0.8048),
            MachineType("g6.2xlarge", 8, 32, ("L4", 1, 22888), 450, 0.9776),
            MachineType("g6.4xlarge", 16, 64, ("L4", 1, 22888), 600, 1.3232),
            MachineType("g6.12xlarge", 48, 192, ("L4", 4, 22888), 3760, 4.6016),
            MachineType("g6.48xlarge", 192, 768, ("L4", 8, 22888), 7520, 13.3504),
            MachineType("g6e.xlarge", 4, 32, ("L40S", 1, 45776), 250, 1.861),
            MachineType("g6e.12xlarge", 48, 384, ("L40S", 4, 45776), 3800, 10.49264),
            MachineType("p3.2xlarge", 8, 61, ("V100", 1, 16384), 0, 3.06),
            MachineType("p3.8xlarge", 32, 244, ("V100", 4, 16384), 0, 12.24),
            MachineType("p3.16xlarge", 64, 488, ("V100", 8, 16384), 0, 24.48),
            MachineType("p3dn.24xlarge", 96, 768, ("V100", 8, 32768), 1800, 31.212),
            MachineType("p4d.24xlarge", 96, 1152, ("A100", 8, 40960), 8000, 21.957642),
            MachineType("p4de.24xlarge", 96, 1152, ("A100", 8, 81920), 8000, 27.44705),
            MachineType("p5.4xlarge", 16, 256, ("H100", 1, 81920), 3800, 6.88),
            MachineType("p5.48xlarge", 192, 2048, ("H100", 8, 81920), 30400, 55.04),
            MachineType("p5en.48xlarge", 192, 2048, ("H200", 8, 144384), 30400, 63.296),
            MachineType("t3.medium", 2, 4, nil, 0, 0.0416),
            MachineType("m5.large", 2, 8, nil, 0, 0.096),
            MachineType("m6i.large", 2, 8, nil, 0, 0.096),
            MachineType("m6i.2xlarge", 8, 32, nil, 0, 0.384),
            MachineType("m5.4xlarge", 16, 64, nil, 0, 0.768),
        ]
    }
}
