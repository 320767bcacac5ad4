internal import Foundation

/// What else changed at the run at which a series stepped: the code may not be the cause.
public struct StepContext: Codable, Sendable, Equatable {
    /// A place in the points of the series, at which one of its steps is.
    public var index: Int
    /// `environment.compiler: Swift 6.2 → Swift 6.3`, in the order of their names.
    public var changes: [String]

    /// The fields that two contexts, as the index keeps them, differ in.
    static func changes(from old: String, to new: String) -> [String] {
        func fields(_ text: String) -> [String: String] {
            (try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))) ?? [:]
        }
        let (before, after) = (fields(old), fields(new))
        return Set(before.keys).union(after.keys).sorted().compactMap { field in
            let (was, isNow) = (before[field] ?? "absent", after[field] ?? "absent")
            return was == isNow ? nil : "\(field): \(was) → \(isNow)"
        }
    }
}
