internal import Foundation

extension Process {
    /// OpenBLAS's workers spin for about 0.1 s after each threaded call, on the core that the next variant needs.
    /// How long is read from the environment when the library loads, before `main`: so the program sets it and starts
    /// itself again. 2²⁰ ticks, about 0.4 ms, is enough for back-to-back calls to find the workers awake.
    static func restartWithQuietBLAS() {
        let name = "OPENBLAS_THREAD_TIMEOUT"
        guard getenv(name) == nil else { return }
        setenv(name, "20", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        execv("/proc/self/exe", &arguments)
        // Not restarted (no /proc): the run goes on, and the pause after each BLAS sample is what remains.
    }
}
