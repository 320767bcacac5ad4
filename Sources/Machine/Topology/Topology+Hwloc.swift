#if HWLOC
    internal import CHwloc

    extension Topology {
        /// What hwloc finds, or nil if it fails.
        static func fromHwloc() -> Topology? {
            var handle: hwloc_topology_t?
            guard hwloc_topology_init(&handle) == 0, let topology = handle else { return nil }
            defer { hwloc_topology_destroy(topology) }
            // Instruction caches too; CPUs that this process may not use stay in the picture.
            hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL)
            hwloc_topology_set_flags(topology, UInt(HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED.rawValue))
            guard hwloc_topology_load(topology) == 0 else { return nil }

            let packages = objects(topology, HWLOC_OBJ_PACKAGE)
            let cores = objects(topology, HWLOC_OBJ_CORE).map { core in
                Core(
                    package: packages.firstIndex {
                        hwloc_bitmap_isincluded(core.pointee.cpuset, $0.pointee.cpuset) == 1
                    }
                        ?? 0,
                    cpus: indices(core.pointee.cpuset))
            }
            let kinds = [
                HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L1ICACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L2ICACHE, HWLOC_OBJ_L3CACHE,
                HWLOC_OBJ_L4CACHE,
            ]
            let caches = kinds.flatMap { objects(topology, $0) }.compactMap { object -> Cache? in
                guard let attributes = object.pointee.attr?.pointee.cache else { return nil }
                let kind: Cache.Kind =
                    switch attributes.type {
                    case HWLOC_OBJ_CACHE_DATA: .data
                    case HWLOC_OBJ_CACHE_INSTRUCTION: .instruction
                    default: .unified
                    }
                return Cache(
                    level: Int(attributes.depth), kind: kind, bytes: Int(attributes.size),
                    lineBytes: Int(attributes.linesize), ways: max(0, Int(attributes.associativity)),
                    cpus: indices(object.pointee.cpuset))
            }
            let nodes = objects(topology, HWLOC_OBJ_NUMANODE).map { object in
                NUMANode(
                    index: Int(object.pointee.os_index),
                    bytes: Int(object.pointee.attr?.pointee.numanode.local_memory ?? 0),
                    cpus: indices(object.pointee.cpuset))
            }
            let version = hwloc_get_api_version()
            return Topology(
                source: "hwloc, API \(version >> 16).\((version >> 8) & 0xff)", packages: max(1, packages.count),
                cores: cores, caches: caches, nodes: nodes, cpuset: bound(topology))
        }

        private static func objects(_ topology: hwloc_topology_t, _ type: hwloc_obj_type_t) -> [hwloc_obj_t] {
            let count = hwloc_get_nbobjs_by_type(topology, type)
            guard count > 0 else { return [] }
            return (0..<UInt32(count)).compactMap { hwloc_get_obj_by_type(topology, type, $0) }
        }

        private static func indices(_ set: hwloc_const_cpuset_t?) -> [Int] {
            guard let set else { return [] }
            var found: [Int] = []
            var index = hwloc_bitmap_first(set)
            while index >= 0 {
                found.append(Int(index))
                index = hwloc_bitmap_next(set, index)
            }
            return found
        }

        /// The CPUs that the process is bound to; all that are allowed if it is not bound.
        private static func bound(_ topology: hwloc_topology_t) -> [Int] {
            guard let set = hwloc_bitmap_alloc() else { return [] }
            defer { hwloc_bitmap_free(set) }
            if hwloc_get_cpubind(topology, set, Int32(HWLOC_CPUBIND_PROCESS.rawValue)) == 0 {
                hwloc_bitmap_and(set, set, hwloc_topology_get_allowed_cpuset(topology))
            } else {
                hwloc_bitmap_copy(set, hwloc_topology_get_allowed_cpuset(topology))
            }
            return indices(set)
        }
    }
#endif
