import AWS

/// Who may have the roles of CI: workflows of one repository on GitHub, by the tokens that GitHub
/// signs for each of their jobs.
///
/// The subject tells what started the job (GitHub's OpenID Connect reference): a pull request, or a
/// push or a schedule on a branch. A job with an `environment` has that in its place.
struct WorkflowTrust {
    static let issuer = "token.actions.githubusercontent.com"
    static let audience = "sts.amazonaws.com"

    var account: String
    var region: String
    var workflow: SetupPlan.Workflow

    /// Pull requests change nothing, whoever wrote them.
    var planner: IAMPolicy { trust("pull_request") }

    var controller: IAMPolicy { trust("ref:refs/heads/\(workflow.branch)") }

    private func trust(_ occasion: String) -> IAMPolicy {
        let partition = (AWSPartition(region: region) ?? .aws).rawValue
        let provider = "arn:\(partition):iam::\(account):oidc-provider/\(WorkflowTrust.issuer)"
        return IAMPolicy([
            IAMPolicy.Statement(
                sid: "GitHub", effect: .allow, principal: ["Federated": provider],
                action: ["sts:AssumeRoleWithWebIdentity"], resource: nil,
                condition: [
                    "StringEquals": [
                        "\(WorkflowTrust.issuer):aud": WorkflowTrust.audience,
                        "\(WorkflowTrust.issuer):sub": "repo:\(workflow.repository):\(occasion)",
                    ]
                ])
        ])
    }
}
