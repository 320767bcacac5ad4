public import Foundation
public import Kernels
public import Machine
public import Records
public import Weights

/// Where the tuning of this machine is kept: `tuning.json` in the cache folder (`$MGBENCH_CACHE`, else
/// `$XDG_CACHE_HOME/mgbench`, else `~/.cache/mgbench`).
public struct TuningStore: Sendable {
    public let file: URL

    public init(directory: URL = ModelStore.defaultDirectory()) {
        file = directory.appendingPathComponent("tuning.json")
    }

    /// The record as it is, of whatever machine; nil if there is none.
    ///
    /// - Throws: `RunFileError` naming the file and the field if it is damaged.
    public func read() throws(RunFileError) -> TuningRecord? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            throw RunFileError("\(file.path): cannot be read: \(error.localizedDescription)")
        }
        return try TuningRecord(json: data, name: file.path)
    }

    /// Fails before the measuring rather than after it.
    public func makeWritable() throws(UsageError) {
        let folder = file.deletingLastPathComponent()
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw UsageError("\(folder.path): the folder cannot be made: \(error.localizedDescription)")
        }
        guard FileManager.default.isWritableFile(atPath: folder.path) else {
            throw UsageError("\(folder.path): the folder is not writable")
        }
    }

    /// Replaces the file by a rename: a reader sees the old record or the new one.
    public func write(_ record: TuningRecord) throws {
        try makeWritable()
        try record.json().write(to: file, options: .atomic)
    }
}

/// The numbers and the choice of variants that a program works with, and where they come from.
public struct TuningInForce: Sendable, Equatable {
    public enum Source: Sendable, Equatable {
        /// From the caches of this machine; nothing was measured.
        case derived
        /// `MGBENCH_TUNING=off`: from the caches, whatever was measured.
        case off
        case measured(Date)
    }

    public static let variable = "MGBENCH_TUNING"

    public let tuning: Tuning
    public let selection: Selection
    public let source: Source
    /// What a user should know: a record that was found and is not used.
    public let note: String?

    /// What holds on this machine. Nothing takes effect yet.
    ///
    /// - Throws: `UsageError` for a setting that is none, `RunFileError` for a damaged file.
    public static func find(
        _ store: TuningStore = TuningStore(), topology: Topology = .current,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> TuningInForce {
        let derived = Tuning.defaults(for: topology)
        switch environment[variable] {
        case nil, "": break
        case "off": return TuningInForce(tuning: derived, selection: .none, source: .off, note: nil)
        case let other?: throw UsageError("\(variable)=\(other): off is expected, or nothing")
        }
        guard let record = try store.read() else {
            return TuningInForce(tuning: derived, selection: .none, source: .derived, note: nil)
        }
        if let difference = TuningMachine.current(topology).difference(from: record.machine) {
            return TuningInForce(
                tuning: derived, selection: .none, source: .derived,
                note: "\(store.file.path) is not used: it was measured with \(difference); "
                    + "`mgbench tune` measures again")
        }
        return TuningInForce(
            tuning: record.tuning, selection: record.selection, source: .measured(record.measured), note: nil)
    }

    /// For records and tables: `derived`, `off` or `measured 2026-11-24T20:00:00Z`.
    public var label: String {
        switch source {
        case .derived: "derived"
        case .off: "off"
        case .measured(let date): "measured \(ISO8601DateFormatter().string(from: date))"
        }
    }
}
