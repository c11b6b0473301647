import AWS
import Testing
import Training

struct PriceTableTests {
    @Test("the table in the sources → exact prices of us-east-1, none elsewhere")
    func published() {
        let prices = PriceTable.published
        #expect(prices.price(of: "g5.xlarge", in: "us-east-1") == Dollars("1.006"))
        #expect(prices.price(of: "p4d.24xlarge", in: "us-east-1") == Dollars("21.957642"))
        #expect(prices.price(of: "p9.xlarge", in: "us-east-1") == nil)
        #expect(prices.price(of: "g5.xlarge", in: "eu-west-1") == nil)
    }

    @Test("a file of prices → goes before the table, which keeps the rest")
    func overridden() throws {
        let text = "# ours\nus-east-1 g5.xlarge 0.9 # agreed\n\neu-west-1\tg5.xlarge  1.123\r\n"
        let prices = PriceTable.published.overridden(by: try PriceTable(text, place: "p.txt"))
        #expect(prices.price(of: "g5.xlarge", in: "us-east-1") == Dollars("0.90"))
        #expect(prices.price(of: "g5.2xlarge", in: "us-east-1") == Dollars("1.212"))
        #expect(prices.price(of: "g5.xlarge", in: "eu-west-1") == Dollars("1.123"))
    }

    @Test(
        "a line that is no price → named by file and line",
        arguments: [
            "us-east-1 g5.xlarge", "us-east-1 g5.xlarge $1", "us-east-1 g5.xlarge -1",
            "nowhere g5.xlarge 1", "us-east-1 g5 1", "us-east-1 g5.xlarge 1 2",
        ])
    func malformed(line: String) {
        #expect {
            try PriceTable("us-east-1 m5.large 1\n\(line)\n", place: "p.txt")
        } throws: { error in
            "\(error)".hasPrefix("p.txt:2: ")
        }
    }
}
