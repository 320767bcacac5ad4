import Foundation
import MiniGPT
import Testing

@Suite("Filters of models: each on six checkpoints")
struct ModelFilterTests {
    let models: [ModelFile] = [
        ("shakespeare-small", 100, 2.5), ("shakespeare-large", 400, 1.5), ("shakespeare-late", 900, 1.6),
        ("poems", 900, nil), ("imported", nil, nil), ("poems-2", 50, 1.5),
    ].enumerated().map { index, row in
        ModelFile(
            name: row.0, path: "/\(row.0).gguf", architecture: "gpt2", parameters: 1, bytes: 1,
            modified: Date(timeIntervalSince1970: Double(index)), step: row.1, loss: row.2)
    }

    func names(_ change: (inout ModelFilter) -> Void) -> [String] {
        var filter = ModelFilter()
        change(&filter)
        return filter.applied(to: models).map(\.name)
    }

    @Test func filters() {
        #expect(names { _ in }.count == 6)
        #expect(names { $0.namePattern = "POEM" } == ["poems", "poems-2"])
        #expect(names { $0.namePattern = "poems" } == ["poems", "poems-2"])
        #expect(names { $0.namePattern = "shake*la*" } == ["shakespeare-large", "shakespeare-late"])
        #expect(names { $0.namePattern = "*-2" } == ["poems-2"])
        #expect(names { $0.namePattern = "*oem" } == [])
        #expect(names { $0.maximumLoss = 1.55 } == ["shakespeare-large", "poems-2"])
        #expect(names { $0.minimumStep = 400 } == ["shakespeare-large", "shakespeare-late", "poems"])
        #expect(names { $0.best = true } == ["shakespeare-large"])
        // Of the two of the lowest loss the one of more steps; of the two of most steps the newer file.
        #expect(
            names {
                $0.best = true
                $0.latest = true
            } == ["shakespeare-large"])
        #expect(names { $0.latest = true } == ["poems"])
        #expect(
            names {
                $0.best = true
                $0.namePattern = "imported"
            } == [])
        #expect(
            names {
                $0.latest = true
                $0.namePattern = "imported"
            } == ["imported"])
    }
}
