#if PAPI
    internal import CPAPI
    internal import Glibc
    internal import Machine

    /// The library that this program is linked with.
    final class LinkedPAPI: PAPIBackend {
        /// PAPI_OK, PAPI_EPERM ... of the preparation, which the library allows once in a process.
        private static let prepared: Int32 = {
            let version = PAPI_library_init(mg_papi_current_version())
            guard version == mg_papi_current_version() else { return version < 0 ? version : PAPI_EINVAL }
            let threads = PAPI_thread_init { UInt(pthread_self()) }
            guard threads == PAPI_OK else { return threads }
            return PAPI_multiplex_init()
        }()

        func prepare() throws(PAPIError) { try check(LinkedPAPI.prepared) }

        var threads: [Int32] {
            let own = mg_papi_thread_id()
            return [own] + ThreadList.current.filter { $0 != own }
        }

        var perfEventParanoid: Int? { HostState.current.perfEventParanoid }

        func makeSet(thread: Int32, multiplexed: Bool) throws(PAPIError) -> Int32 {
            var set = PAPI_NULL
            try check(PAPI_create_eventset(&set))
            do throws(PAPIError) {
                // A set must belong to a component before it can be attached or take turns.
                try check(PAPI_assign_eventset_component(set, max(0, PAPI_get_component_index("perf_event"))))
                if multiplexed { try check(PAPI_set_multiplex(set)) }
                if thread != mg_papi_thread_id() { try check(PAPI_attach(set, UInt(thread))) }
            } catch {
                destroy(set)
                throw error
            }
            return set
        }

        func add(_ event: String, to set: Int32) throws(PAPIError) { try check(PAPI_add_named_event(set, event)) }

        func start(_ set: Int32) throws(PAPIError) { try check(PAPI_start(set)) }

        func stop(_ set: Int32, count: Int) throws(PAPIError) -> [Int64] {
            // PAPI writes one value for each event of the set.
            var values = [Int64](repeating: 0, count: count)
            try check(PAPI_stop(set, &values))
            return values
        }

        func destroy(_ set: Int32) {
            var set = set
            PAPI_stop(set, nil)
            PAPI_cleanup_eventset(set)
            PAPI_destroy_eventset(&set)
        }

        private func check(_ code: Int32) throws(PAPIError) {
            guard code != PAPI_OK else { return }
            let kind: PAPIError.Kind =
                switch code {
                case PAPI_EPERM: .notPermitted
                case PAPI_ENOEVNT, PAPI_ENOCMP: .noEvent
                case PAPI_ECNFLCT, PAPI_ECOUNT: .conflict
                default: .other
                }
            throw PAPIError(kind, PAPI_strerror(code).map { String(cString: $0) } ?? "error \(code)")
        }
    }
#endif
