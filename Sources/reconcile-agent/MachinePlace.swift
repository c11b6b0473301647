import Supervision
import Training

/// The kind of machine that the agent is on: what it knows of itself, and how it goes.
protocol MachinePlace: Sendable {
    var configuration: AgentConfiguration { get }
    var identity: MachineIdentity { get }
    var ports: AgentPorts { get }

    /// Has the machine go; called once, after the agent's last effect.
    func powerOff(_ how: PowerOff, _ disk: MachineDisk) async throws(AgentFailure)
}
