internal import Foundation

/// The threads of this process by the operating system's number, as `/proc` lists them.
enum ThreadList {
    static var current: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return names.compactMap { Int32($0) }.sorted()
    }
}
