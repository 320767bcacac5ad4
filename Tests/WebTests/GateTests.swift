import Records
import Testing

@testable import Web

/// The names and paths that a server takes for its own.
@Suite struct GateTests {
    @Test(
        arguments: [
            ("localhost", "localhost"), ("localhost:8080", "localhost"), ("LOCALHOST", "localhost"),
            ("[::1]:80", "::1"),
            ("127.0.0.1:1", "127.0.0.1"), ("", nil), (":80", nil), ("a b", nil), ("a/b", nil), ("[::1", nil),
            ("a:b", nil),
            ("a:70000", nil), ("u@localhost", nil),
        ] as [(String, String?)]) func nameOfAuthority(pair: (String, String?))
    {
        #expect(Gate.name(of: pair.0) == pair.1)
    }

    @Test(arguments: ["/", "/runs", "/runs/2026-08-10T100000Z-norm+ffn", "/runs/a%2Bb", "/runs/%C3%A9", "/a..b"])
    func pathsOfOurs(path: String) { #expect(Gate.isPath(path)) }

    @Test(arguments: [
        "", "runs", "/..", "/a/../b", "/a/.", "/%2e%2e", "/%2E", "/a%2fb", "/a%5cb", "/a%0ab", "/%", "/%zz", "/%ff",
        "/%25",
    ])
    func pathsOfNobody(path: String) { #expect(!Gate.isPath(path)) }

    @Test func loopback() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1"] { #expect(Gate.isLoopback(host)) }
        for host in ["0.0.0.0", "::", "128.0.0.1", "127.evil.example", "localhost.evil"] {
            #expect(!Gate.isLoopback(host))
        }
    }

    @Test func theTokenOpensForItselfAlone() {
        let token = Token("correct horse")
        #expect(token.opens("correct horse"))
        for other in [nil, "", "correct hors", "correct horsf", "correct horsecorrect horse", "Correct horse"] {
            #expect(!token.opens(other))
        }
        #expect(Token(nil).opens(nil))
    }

    @Test func commandsAreQuoted() {
        var request = RunRequest(suite: "norm")
        request.problem = "a 'b' $c"
        #expect(request.command == "mgbench run --suite norm --problem 'a '\\''b'\\'' $c'")
        #expect(request.arguments == ["--suite", "norm", "--problem", "a 'b' $c"])
    }
}
