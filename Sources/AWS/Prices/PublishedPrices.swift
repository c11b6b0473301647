import Training

extension PriceTable {
    /// On-demand prices of Linux machines in us-east-1; AWS's other prices must be given.
    ///
    /// From the file that Karpenter generates from AWS's price list: aws/karpenter-provider-aws on
    /// GitHub, `pkg/providers/pricing/zz_generated.pricing_aws.go`.
    package static let published = PriceTable(
        ["us-east-1": accelerated.merging(general) { first, _ in first }.mapValues(Dollars.init)])

    /// Millionths of a dollar an hour; generated 2026-07-20.
    private static let accelerated = [
        "g4dn.xlarge": 526_000, "g4dn.2xlarge": 752_000, "g4dn.4xlarge": 1_204_000,
        "g4dn.8xlarge": 2_176_000, "g4dn.12xlarge": 3_912_000, "g4dn.16xlarge": 4_352_000,
        "g4dn.metal": 7_824_000,
        "g5.xlarge": 1_006_000, "g5.2xlarge": 1_212_000, "g5.4xlarge": 1_624_000,
        "g5.8xlarge": 2_448_000, "g5.12xlarge": 5_672_000, "g5.16xlarge": 4_096_000,
        "g5.24xlarge": 8_144_000, "g5.48xlarge": 16_288_000,
        "g6.xlarge": 804_800, "g6.2xlarge": 977_600, "g6.4xlarge": 1_323_200,
        "g6.8xlarge": 2_014_400, "g6.12xlarge": 4_601_600, "g6.16xlarge": 3_396_800,
        "g6.24xlarge": 6_675_200, "g6.48xlarge": 13_350_400,
        "g6e.xlarge": 1_861_000, "g6e.2xlarge": 2_242_080, "g6e.4xlarge": 3_004_240,
        "g6e.8xlarge": 4_528_560, "g6e.12xlarge": 10_492_640, "g6e.16xlarge": 7_577_190,
        "g6e.24xlarge": 15_065_590, "g6e.48xlarge": 30_131_180,
        "g6f.large": 202_000, "g6f.xlarge": 237_500, "g6f.2xlarge": 475_000, "g6f.4xlarge": 950_000,
        "g7e.2xlarge": 3_363_120, "g7e.4xlarge": 3_998_160, "g7e.8xlarge": 5_268_240,
        "g7e.12xlarge": 8_286_080, "g7e.24xlarge": 16_572_160, "g7e.48xlarge": 33_144_320,
        "gr6.4xlarge": 1_539_200, "gr6.8xlarge": 2_446_400,
        "inf2.xlarge": 758_200, "inf2.8xlarge": 1_967_860, "inf2.24xlarge": 6_490_630,
        "inf2.48xlarge": 12_981_270,
        "p3dn.24xlarge": 31_212_000,
        "p4d.24xlarge": 21_957_642,
        "p4de.24xlarge": 27_447_050,
        "p5.4xlarge": 6_880_000, "p5.48xlarge": 55_040_000,
        "p5en.48xlarge": 63_296_000,
        "p6-b200.48xlarge": 113_932_800,
        "p6-b300.48xlarge": 142_416_000,
        "trn1.2xlarge": 1_343_750, "trn1.32xlarge": 21_500_000,
        "trn1n.32xlarge": 24_780_000,
    ]

    /// Millionths of a dollar an hour; generated 2026-01-19.
    private static let general = [
        "c6i.large": 85_000, "c6i.xlarge": 170_000, "c6i.2xlarge": 340_000, "c6i.4xlarge": 680_000,
        "c6i.8xlarge": 1_360_000, "c6i.12xlarge": 2_040_000, "c6i.16xlarge": 2_720_000,
        "c6i.24xlarge": 4_080_000, "c6i.32xlarge": 5_440_000,
        "m5.large": 96_000, "m5.xlarge": 192_000, "m5.2xlarge": 384_000, "m5.4xlarge": 768_000,
        "m5.8xlarge": 1_536_000, "m5.12xlarge": 2_304_000, "m5.16xlarge": 3_072_000,
        "m5.24xlarge": 4_608_000,
        "m6i.large": 96_000, "m6i.xlarge": 192_000, "m6i.2xlarge": 384_000, "m6i.4xlarge": 768_000,
        "m6i.8xlarge": 1_536_000, "m6i.12xlarge": 2_304_000, "m6i.16xlarge": 3_072_000,
        "m6i.24xlarge": 4_608_000, "m6i.32xlarge": 6_144_000,
        "m7i.large": 100_800, "m7i.xlarge": 201_600, "m7i.2xlarge": 403_200, "m7i.4xlarge": 806_400,
        "m7i.8xlarge": 1_612_800, "m7i.12xlarge": 2_419_200, "m7i.16xlarge": 3_225_600,
        "m7i.24xlarge": 4_838_400, "m7i.48xlarge": 9_676_800,
        "p3.2xlarge": 3_060_000, "p3.8xlarge": 12_240_000, "p3.16xlarge": 24_480_000,
        "r6i.large": 126_000, "r6i.xlarge": 252_000, "r6i.2xlarge": 504_000,
        "r6i.4xlarge": 1_008_000, "r6i.8xlarge": 2_016_000, "r6i.12xlarge": 3_024_000,
        "r6i.16xlarge": 4_032_000, "r6i.24xlarge": 6_048_000, "r6i.32xlarge": 8_064_000,
        "t3.nano": 5_200, "t3.micro": 10_400, "t3.small": 20_800, "t3.medium": 41_600,
        "t3.large": 83_200, "t3.xlarge": 166_400, "t3.2xlarge": 332_800,
    ]
}
