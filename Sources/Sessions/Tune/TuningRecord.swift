public import Foundation
public import Kernels
public import Machine
public import Records

/// What `mgbench tune` found on one machine: the file `tuning.json` of the cache folder.
public struct TuningRecord: Codable, Sendable, Equatable {
    /// The version of this format.
    public static let version = 1

    /// One number: what it would be without measuring, what was measured, and what was kept.
    public struct Number: Codable, Sendable, Equatable {
        /// Another value, and how many times faster than the default it was: median and 95 % interval.
        public struct Trial: Codable, Sendable, Equatable {
            public var value: Double
            public var speedup: Double
            public var low: Double
            public var high: Double
        }

        public var number: TuningNumber
        public var standard: Double
        public var kept: Double
        /// Why it was kept, in a few words.
        public var reason: String
        /// The values that were measured against the default; empty for what was measured directly.
        public var trials: [Trial]
    }

    public var version: Int
    public var machine: TuningMachine
    public var measured: Date
    public var quick: Bool
    /// The team that the variants were measured with.
    public var threads: Int
    public var tuning: Tuning
    public var numbers: [Number]
    public var selection: Selection

    /// The record as JSON: sorted keys, ISO 8601 dates.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }

    /// Reads what `json()` wrote.
    ///
    /// - Throws: `RunFileError`, naming the field.
    public init(json: Data, name: String) throws(RunFileError) {
        struct Header: Decodable { var version: Int }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            let header = try decoder.decode(Header.self, from: json)
            guard header.version == TuningRecord.version else {
                throw RunFileError(
                    "\(name): field .version is \(header.version), \(TuningRecord.version) is expected: tune again")
            }
            self = try decoder.decode(TuningRecord.self, from: json)
        } catch let error as RunFileError {
            throw error
        } catch let error as DecodingError {
            throw RunFileError(error, in: json, name: name, expected: "a tuning of mgbench")
        } catch {
            throw RunFileError("\(name): \(error)")
        }
    }

    init(
        machine: TuningMachine, measured: Date, quick: Bool, threads: Int, tuning: Tuning, numbers: [Number],
        selection: Selection
    ) {
        version = TuningRecord.version
        self.machine = machine
        self.measured = measured
        self.quick = quick
        self.threads = threads
        self.tuning = tuning
        self.numbers = numbers
        self.selection = selection
    }
}

/// What a tuning holds for: the processor, as far as times depend on it, and the kernels.
public struct TuningMachine: Codable, Sendable, Equatable {
    public var cpu: String
    public var features: [String]
    /// `L2 unified 1048576 B by 2 CPUs` and so on.
    public var caches: [String]
    /// Cores that the process may use.
    public var cores: Int
    /// `Catalog.revision`, and the version of mgbench.
    public var kernels: String

    public static func current(_ topology: Topology = .current) -> TuningMachine {
        TuningMachine(
            cpu: CPU.brand, features: CPU.features.names,
            caches: Set(
                topology.caches.map {
                    "L\($0.level) \($0.kind.rawValue) \($0.bytes) B by \($0.cpus.count) CPUs"
                }
            ).sorted(),
            cores: topology.usableCores.count, kernels: "\(ProgramVersion.number) \(Catalog.revision)")
    }

    /// The first thing that differs, with both values; nil if nothing does.
    func difference(from other: TuningMachine) -> String? {
        func differs(_ what: String, _ mine: String, _ theirs: String) -> String? {
            mine == theirs ? nil : "\(what) \(theirs), here \(mine)"
        }
        return differs("CPU", cpu, other.cpu)
            ?? differs("features", features.joined(separator: "+"), other.features.joined(separator: "+"))
            ?? differs("caches", caches.joined(separator: ", "), other.caches.joined(separator: ", "))
            ?? differs("usable cores", "\(cores)", "\(other.cores)")
            ?? differs("kernels", kernels, other.kernels)
    }
}
