extension EC2 {
    /// What a region's machines are made of.
    package struct DescribeInstanceTypes: EC2List {
        package typealias Item = InstanceType

        package static let action = "DescribeInstanceTypes"
        package var filters: [Filter]

        package init(_ filters: [Filter]) {
            self.filters = filters
        }

        package func add(to form: inout QueryForm) {
            form.add(filters)
            form.add("MaxResults", 100)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> [InstanceType] {
            try root.read("instanceTypeSet") { item throws(AWSFailure) in
                try InstanceType(item)
            }
        }
    }

    /// A kind of machine.
    package struct InstanceType: Hashable, Sendable {
        /// Its accelerators of one kind.
        package struct GPU: Hashable, Sendable {
            /// As EC2 spells it: `A10G`, `H100`.
            package var name: String
            /// Zero where machines share one.
            package var count: Int
            /// MiB of each.
            package var memory: Int
        }

        package var name: String
        package var cpus: Int
        /// MiB.
        package var memory: Int
        package var gpus: [GPU]
        /// `x86_64`, `arm64`.
        package var architectures: [String]
        /// `spot`, `on-demand`, `capacity-block`; empty where EC2 does not say.
        package var usageClasses: [String]
        package var isBareMetal: Bool

        init(_ item: XMLElement) throws(AWSFailure) {
            name = try item.required("instanceType")
            cpus = item["vCpuInfo"]?.text("defaultVCpus").flatMap { Int($0) } ?? 0
            memory = item["memoryInfo"]?.text("sizeInMiB").flatMap { Int($0) } ?? 0
            architectures = item["processorInfo"]?.texts("supportedArchitectures") ?? []
            usageClasses = item.texts("supportedUsageClasses")
            isBareMetal = item.text("bareMetal") == "true"
            gpus =
                item["gpuInfo"]?.items("gpus").map { gpu in
                    GPU(
                        name: gpu.text("name") ?? "",
                        count: gpu.text("count").flatMap { Int($0) } ?? 0,
                        memory: gpu["memoryInfo"]?.text("sizeInMiB").flatMap { Int($0) } ?? 0)
                } ?? []
        }
    }
}
