internal import NIOCore
internal import Synchronization

/// Pages as they were sent last, by address and state of what they show. Bounded in number and bytes: the least lately
/// asked for goes first.
final class PageCache: Sendable {
    struct Page: Sendable {
        var buffer: ByteBuffer
        var tag: String
    }

    private struct State {
        var pages: [String: (page: Page, used: Int)] = [:]
        var bytes = 0
        var clock = 0
    }

    private let mostPages: Int
    private let mostBytes: Int
    private let state = Mutex(State())

    init(mostPages: Int = 96, mostBytes: Int = 24 << 20) {
        self.mostPages = mostPages
        self.mostBytes = mostBytes
    }

    /// The page of `key`, made by `make` if it is not there.
    func page(_ key: String, make: () throws -> String) rethrows -> Page {
        let known = state.withLock { state -> Page? in
            state.clock += 1
            guard let entry = state.pages[key] else { return nil }
            state.pages[key]?.used = state.clock
            return entry.page
        }
        if let known { return known }
        let text = try make()
        let page = Page(buffer: ByteBuffer(string: text), tag: Answer.tag(text.utf8))
        state.withLock { state in
            if let old = state.pages.removeValue(forKey: key) { state.bytes -= old.page.buffer.readableBytes }
            state.pages[key] = (page, state.clock)
            state.bytes += page.buffer.readableBytes
            while state.pages.count > mostPages || state.bytes > mostBytes {
                guard let oldest = state.pages.min(by: { $0.value.used < $1.value.used }) else { break }
                state.pages[oldest.key] = nil
                state.bytes -= oldest.value.page.buffer.readableBytes
            }
        }
        return page
    }

    var count: Int { state.withLock { $0.pages.count } }
}
