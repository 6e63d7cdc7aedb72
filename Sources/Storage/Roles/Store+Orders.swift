package import Captive

extension Store: OrderStore {
    package func pendingOrders() async throws -> [GatewayOrder] {
        try await database.read { try $0.rows(OrderSQL.pending, []).map(OrderRow.order) }
    }

    package func finish(_ order: GatewayOrder) async throws {
        try await guests.write { _ = try $0.execute(OrderSQL.delete, [.id(order.id)]) }
    }
}
