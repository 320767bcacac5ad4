internal import History
internal import Hummingbird
internal import Reports

/// The overview, the kernels and the machine: pages of what this computer is and has shown.
struct PageRoutes {
    let site: Site

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in
            try await site.page(request, place: .home) { visitor in
                Layout.Content(title: visitor.words("Overview"), page: try HomeView(visitor, site: site))
            }
        }
        router.get("/kernels") { request, _ in
            try await site.page(request, place: .kernels) { visitor in
                let trends = try site.repository.trends().filter { $0.machine == site.identity.key }
                let series = Dictionary(grouping: trends) { "\($0.family)/\($0.variant)" }.mapValues(\.count)
                return Layout.Content(
                    title: visitor.words("Kernels"),
                    page: KernelsView(visitor, machine: site.machine, series: series))
            }
        }
        router.get("/machine") { request, _ in
            try await site.page(request, place: .machine) { visitor in
                Layout.Content(title: visitor.words("Machine"), page: try MachineView(visitor, site: site))
            }
        }
    }
}
