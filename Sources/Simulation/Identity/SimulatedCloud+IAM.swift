extension SimulatedIAM {
    /// The role that EC2 itself takes on to make spot requests.
    static let spotRole = "AWSServiceRoleForEC2Spot"

    /// A role as GetRole shows it.
    package struct RoleDescription: Hashable, Sendable {
        package let name: String
        package let path: String
        package let id: String
        package let arn: String
    }

    /// The ARN that a role of this name has or would have.
    func arn(of role: String) -> String {
        "arn:aws:iam::\(account):role\(path(of: role))\(role)"
    }

    func description(of role: String) -> RoleDescription {
        RoleDescription(name: role, path: path(of: role), id: "AROA\(role)", arn: arn(of: role))
    }

    private func path(of role: String) -> String {
        role == Self.spotRole ? "/aws-service-role/spot.amazonaws.com/" : "/"
    }
}

extension SimulatedCloud {
    /// A role of the account.
    ///
    /// The one for spot requests is there if no region's rules say that it is missing.
    package func getRole(_ name: String) throws(CloudFailure) -> SimulatedIAM.RoleDescription {
        let isThere =
            name == SimulatedIAM.spotRole
            ? regions.values.allSatisfy(\.rules.hasSpotRole) : iam.roles[name] != nil
        guard isThere else {
            throw CloudFailure(
                status: 404, "NoSuchEntity", "The role with name \(name) cannot be found.")
        }
        return iam.description(of: name)
    }
}
