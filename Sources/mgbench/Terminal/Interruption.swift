internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ctrl-C as a wish that a loop looks at, instead of an end in the middle of a line. A second one ends the program.
final class Interruption: @unchecked Sendable {
    private let wish = Atomic<Bool>(false)
    /// Whether nothing is at work that could look at the wish.
    private let isWaiting = Atomic<Bool>(false)
    /// Set once, before anything else can see this object.
    private let source: any DispatchSourceSignal

    var isRequested: Bool { wish.load(ordering: .relaxed) }

    /// Takes the wish back.
    func clear() { wish.store(false, ordering: .relaxed) }

    /// Runs what waits for a person: Ctrl-C then ends the program at once, since there is nothing to stop.
    func endingProgram<Result>(_ body: () -> Result) -> Result {
        isWaiting.store(true, ordering: .sequentiallyConsistent)
        defer { isWaiting.store(false, ordering: .sequentiallyConsistent) }
        if isRequested { endQuietly() }
        return body()
    }

    private func endQuietly() -> Never {
        Console.write("\n")
        exit(0)
    }

    private init() {
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    }

    static func catching() -> Interruption {
        let interruption = Interruption()
        signal(SIGINT, SIG_IGN)
        interruption.source.setEventHandler { [interruption] in
            if interruption.isWaiting.load(ordering: .sequentiallyConsistent) { interruption.endQuietly() }
            if interruption.isRequested { exit(130) }
            interruption.wish.store(true, ordering: .relaxed)
        }
        interruption.source.resume()
        return interruption
    }
}
