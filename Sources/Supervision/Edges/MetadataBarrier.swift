import Glibc
import Processes

/// Keeps a trainer from its machine's instance metadata, and so from the role's credentials.
///
/// All users but root are kept out: one user's name is no bound, since user namespaces may give it
/// the ids of others.
/// The first of three tools that is there and works: iptables, nftables, policy routing. What it
/// did is then tried as that user: only what is seen counts.
struct MetadataBarrier: Sendable {
    /// Where IMDS answers on EC2 (user guide, "Access instance metadata").
    private static let standard = "http://169.254.169.254"
    private static let overIPv6 = Address(host: "fd00:ec2::254", port: 80)

    /// Where instance metadata answer.
    struct Address: Hashable, Sendable {
        var host: String
        var port: Int
    }

    /// Why the user may still reach them.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let account: Account
    private let address: Address
    private let isStandard: Bool

    /// `endpoint` is `AWS_EC2_METADATA_SERVICE_ENDPOINT`: an HTTP URL whose host is an address;
    /// nil: EC2's own.
    init?(against account: Account, endpoint: String?) {
        let text = endpoint ?? MetadataBarrier.standard
        isStandard = text == MetadataBarrier.standard
        guard let scheme = text.firstRange(of: "://") else { return nil }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty,
            let port = parts.count == 2 ? Int(parts[1]) : 80,
            host.allSatisfy({ $0.isNumber || $0 == "." })
        else { return nil }
        address = Address(host: String(host), port: port)
        self.account = account
    }

    /// Puts it up; once it is up, putting it up again changes nothing.
    func raise() async throws(Failure) {
        var tried: [String] = []
        for raise in [byIptables, byNft, byRouting] {
            if let obstacle = await raise(address) {
                tried.append(obstacle)
            } else if await isReachable(address) {
                tried.append("\(account.name) still reaches \(address.host)")
            } else {
                return try await raiseOverIPv6()
            }
        }
        throw Failure(
            description: "\(account.name) cannot be kept from instance metadata: "
                + tried.joined(separator: "; "))
    }

    /// It answers only where the launch asked for it: nothing but reaching it counts.
    private func raiseOverIPv6() async throws(Failure) {
        guard isStandard else { return }
        _ = await iptables("ip6tables", MetadataBarrier.overIPv6)
        guard await !isReachable(MetadataBarrier.overIPv6) else {
            throw Failure(
                description: "\(account.name) still reaches \(MetadataBarrier.overIPv6.host)")
        }
    }

    // MARK: Tools: nil on success, else why not

    private func byIptables(_ address: Address) async -> String? {
        await iptables("iptables", address)
    }

    private func iptables(_ tool: String, _ address: Address) async -> String? {
        let rule = [
            "OUTPUT", "-p", "tcp", "-d", address.host, "--dport", "\(address.port)", "-m", "owner",
            "!", "--uid-owner", "0", "-j", "REJECT",
        ]
        if await order([tool, "-w", "10", "-C"] + rule) == nil { return nil }
        return await order([tool, "-w", "10", "-I"] + rule)
    }

    private func byNft(_ address: Address) async -> String? {
        let table = "inet holdfast"
        let script = [
            "add table \(table)",
            "add chain \(table) output { type filter hook output priority 0; }",
            "flush chain \(table) output",
            "add rule \(table) output meta skuid != 0 ip daddr \(address.host) "
                + "tcp dport \(address.port) reject",
        ]
        return await order(["nft", script.joined(separator: "; ")])
    }

    private func byRouting(_ address: Address) async -> String? {
        let rule = [
            "pref", "100", "uidrange", "1-4294967294", "to", address.host,
            "prohibit",
        ]
        _ = await order(["ip", "rule", "del"] + rule)
        return await order(["ip", "rule", "add"] + rule)
    }

    private func order(_ arguments: [String]) async -> String? {
        let command = Command(arguments, environment: MetadataBarrier.environment)
        do throws(OutputFailure) {
            _ = try await ChildProcess.output(of: command, within: .seconds(15), limit: 4096)
            return nil
        } catch {
            return "\(arguments[0]): \(error)"
        }
    }

    /// Systemd's path has no `sbin` everywhere.
    private static var environment: [String: String] {
        ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    }

    // MARK: Proof

    /// Tries to connect as the user.
    private func isReachable(_ address: Address) async -> Bool {
        var command = Command(
            ["bash", "-c", "exec 3<>/dev/tcp/\(address.host)/\(address.port)"],
            environment: MetadataBarrier.environment, directory: "/")
        command.account = account
        do throws(OutputFailure) {
            _ = try await ChildProcess.output(of: command, within: .seconds(3), limit: 4096)
            return true
        } catch {
            // What cannot be tried is not known to be shut.
            if case .spawn = error { return true }
            return false
        }
    }
}
