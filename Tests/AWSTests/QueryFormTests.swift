import AWS
import Testing
import Training

struct QueryFormTests {
    @Test("values, lists and structures → EC2's form, numbered from one")
    func form() {
        var form = QueryForm(action: "DescribeInstances", version: "2016-11-15")
        form.add("DryRun", true)
        form.add("MaxResults", 1000)
        form.add("NextToken", nil as String?)
        form.add("InstanceId", list: ["i-1", "i-2"])
        form.add("SecurityGroupId", list: [])
        form.add("Filter", each: [("tag:a b", ["x", "ü&="]), ("vpc-id", ["v"])]) {
            form, place, filter in
            form.add("\(place).Name", filter.0)
            form.add("\(place).Value", list: filter.1)
        }
        #expect(
            String(decoding: form.bytes, as: UTF8.self)
                == "Action=DescribeInstances&Version=2016-11-15&DryRun=true&MaxResults=1000"
                + "&InstanceId.1=i-1&InstanceId.2=i-2&Filter.1.Name=tag%3Aa%20b&Filter.1.Value.1=x"
                + "&Filter.1.Value.2=%C3%BC%26%3D&Filter.2.Name=vpc-id&Filter.2.Value.1=v")
    }

    @Test("HTTP dates → the moment; anything else → nil")
    func dates() {
        #expect(
            HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == Timestamp("1994-11-06T08:49:37Z"))
        #expect(HTTPDate.parse("1 Jan 2019 09:00:43 GMT") == Timestamp("2019-01-01T09:00:43Z"))
        #expect(
            HTTPDate.parse("Thu, 29 Feb 2024 23:59:59 GMT") == Timestamp("2024-02-29T23:59:59Z"))
        #expect(
            HTTPDate.parse("Thu, 01 Jan 1970 00:00:00 GMT") == Timestamp(milliseconds: 0))
        for text in [
            "", "now", "Sun, 06 Nov 1994 08:49:37 PST", "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
        ] {
            #expect(HTTPDate.parse(text) == nil, "\(text)")
        }
    }
}
