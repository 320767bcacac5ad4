internal import Entrants
internal import Foundation
internal import Kernels
internal import Machine
public import Records

extension RunEnvironment {
    /// The machine and software at this moment. `steal` is filled in when the run ends.
    ///
    /// - Parameters:
    ///   - machine: in place of the host's name.
    ///   - revision: in place of that of the checkout that the program lies in.
    public static func current(machine: String? = nil, revision given: String? = nil) -> RunEnvironment {
        let host = HostState.current
        let topology = Topology.current
        let revision = given.map { Revision(commit: $0) } ?? Revision.ofProgram()
        return RunEnvironment(
            hostname: machine ?? host.hostname, cpu: CPU.brand, cpuFeatures: CPU.features.names,
            cores: topology.cores.count,
            logicalCPUs: topology.cores.map(\.cpus.count).reduce(0, +), cpuset: topology.cpuset,
            caches: topology.caches.map {
                Cache(
                    level: $0.level, type: $0.kind.rawValue, bytes: $0.bytes, lineBytes: $0.lineBytes,
                    sharedBy: $0.cpus.count)
            },
            memoryBytes: host.memoryBytes, kernel: host.kernel, governor: host.governor,
            virtualization: host.virtualization, compiler: compiler, build: build, mgbench: ProgramVersion.number,
            blas: blas, revision: revision?.commit, dirty: revision?.dirty, loadAverage: host.loadAverage, steal: nil,
            transparentHugePages: host.transparentHugePages)
    }

    /// The compiler that this program was built with, as far as it tells of itself.
    private static var compiler: String {
        #if compiler(>=6.4)
            "Swift 6.4 or later"
        #elseif compiler(>=6.3)
            "Swift 6.3"
        #elseif compiler(>=6.2)
            "Swift 6.2"
        #endif
    }

    private static var build: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }

    private static var blas: BLAS? {
        #if BLAS
            // The library describes itself as `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …`.
            let words = Kernels.BLAS.configuration.split(separator: " ").prefix(2)
            return BLAS(
                name: words.joined(separator: " "), core: Kernels.BLAS.core, threading: Kernels.BLAS.threading)
        #else
            return nil
        #endif
    }
}

/// The version of mgbench, in records and on the command line.
public enum ProgramVersion {
    public static let number = "0.1.0"
}

/// The git checkout that the program was built in: that of the folder that it lies in, wherever it is run.
struct Revision {
    var commit: String
    /// nil if it was given by name.
    var dirty: Bool?

    /// nil outside a checkout, or without git.
    static func ofProgram() -> Revision? {
        guard let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().path,
            let commit = git(["rev-parse", "--short=12", "HEAD"], in: folder), !commit.isEmpty
        else { return nil }
        let changes = git(["status", "--porcelain", "--untracked-files=no"], in: folder)
        return Revision(commit: commit, dirty: changes != "")
    }

    private static func git(_ arguments: [String], in folder: String) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
