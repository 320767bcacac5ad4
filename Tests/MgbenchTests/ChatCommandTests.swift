import Foundation
import TestSupport
import Testing
import Weights

/// `mgbench chat`, and how Ctrl-C ends it and `mgbench generate`.
@Suite struct ChatCommandTests {
    @Test func chatUnderstandsItsCommands() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        let input = """
            /help
            /stats
            /temp 0.5
            /temp -3
            /tokens 4
            /tokens x
            /tokens-demo hehe
            /nosuch
            /explain
            hello

            /stats
            /clear
            sair
            after the end
            """
        let program = try Program.run(["chat", "-m", path, "-n", "8"], input: Data(input.utf8))
        #expect(program.status == 0, "\(program.errors)")
        let lines = program.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0].hasPrefix("/temp T"))
        for line in [
            "nothing was answered yet", "/temp -3: 0 to 1000 is expected", "/tokens x: a positive number is expected",
            "256 \"he\"  256 \"he\"", "/nosuch: there is no such command; /help lists them",
        ] { #expect(lines.contains(line), "\(line): \(program.output)") }
        #expect(program.output.contains("attention"))
        #expect(program.output.contains("wrote 4 at") || program.output.contains("wrote"))
        #expect(!program.output.contains("after the end"))
        for word in ["quit", "EXIT", " sair "] {
            let ended = try Program.run(["chat", "-m", path], input: Data("\(word)\n/help\n".utf8))
            #expect(ended.status == 0 && ended.output.isEmpty, "\(word): \(ended.output)")
        }
        let end = try Program.run(["chat", "-m", path], input: Data())
        #expect(end.status == 0)
        let broken = try Program.run(["chat", "-m", path], input: Data([0x61, 0xff, 0x0a]))
        #expect(broken.status == 0 && broken.output.contains("not valid UTF-8 at byte 1"))
    }

    @Test func chatCutsItsHistoryByWholeTurns() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        // Each turn has about 60 tokens of 256: the fifth fits only where the first ones went.
        let lines = (0..<6).map { "\($0) " + String(repeating: "w", count: 24) }
        let long = String(repeating: "y", count: 400)
        let program = try Program.run(
            ["chat", "-m", path, "-n", "4", "--logit-bias", "97=1000"],
            input: Data((lines + [long, "more"]).joined(separator: "\n").utf8))
        #expect(program.status == 0, "\(program.errors)")
        let answers = program.output.split(separator: "\n").map(String.init)
        #expect(answers.filter { $0 == "aaaa" }.count == 7, "\(program.output)")
        #expect(answers.contains { $0.contains("the message has") && $0.contains("fit") }, "\(program.output)")
    }

    /// The process is told to stop once it has begun to write; how long that takes does not matter.
    @Test func controlCEndsATextCleanly() throws {
        let folder = try ModelFolder()
        // Long enough that nobody sees its end.
        let path = try folder.model("long.gguf", TinyModel(changes: ["llama.context_length": .uint32(1_000_000)]))
        let bias = "--logit-bias 97=1000"
        let program = try Program.shell(
            """
            "$0" generate -m \(path) -p x -n 999000 --context 1000000 --window 16 \(bias) > \(folder.path("out")) &
            child=$!
            for try in $(seq 600); do [ "$(wc -c < \(folder.path("out")))" -ge 8 ] && break; sleep 0.05; done
            kill -INT $child
            (sleep 30; kill -KILL $child) > /dev/null 2>&1 &
            wait $child
            """)
        #expect(program.status == 0, "\(program.errors)")
        let text = try String(contentsOfFile: folder.path("out"), encoding: .utf8)
        #expect(text.hasPrefix("xaaa") && text.hasSuffix("a\n"), "\(text.suffix(20))")
    }

    @Test func controlCEndsAChatThatWaits() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        let program = try Program.shell(
            """
            mkfifo \(folder.path("in"))
            "$0" chat -m \(path) -n 4 < \(folder.path("in")) > \(folder.path("out")) &
            child=$!
            exec 3> \(folder.path("in"))
            echo /stats >&3
            for try in $(seq 600); do [ "$(wc -c < \(folder.path("out")))" -ge 8 ] && break; sleep 0.05; done
            for try in $(seq 600); do kill -INT $child 2> /dev/null || break; sleep 0.05; done
            kill -KILL $child 2> /dev/null
            wait $child
            """)
        #expect(program.status == 0, "\(program.errors)")
    }
}
