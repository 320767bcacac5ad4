internal import Glibc
public import Tensors

extension CachedAttention {
    /// Queries, the rows' own keys and values, and a cache of all texts; every second text lies in blocks that follow each
    /// other, the others' blocks lie in the opposite order.
    public final class Operands: KernelOperands {
        let problem: Problem
        /// `[rows][heads][dim]`.
        let q: Tensor<Float>
        /// The rows' own, `[rows][kvHeads][dim]`.
        let k, v: Tensor<Float>
        /// Of each row: position, slot, first slot that it sees, where its table begins.
        let places: Tensor<Int64>
        /// `[rows][blocks]`.
        let tables: Tensor<Int32>
        /// `[kvHeads][slots]` rows as they are kept.
        let keys, values: Tensor<UInt8>
        let angles: RotaryAngles?
        let out: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling) {
            self.problem = problem
            let (rows, kv, dim) = (problem.rows, problem.kvHeads, problem.dim)
            // 0·∞ is NaN, and whether a tiny weight is 0 depends on the rounding: so V holds no infinities.
            var finite = filling
            if finite.pattern == .infinity { finite.pattern = .ordinary }
            q = filling.tensor([rows, problem.heads, dim], operand: 0)
            k = filling.tensor([rows, kv, dim], operand: 1)
            v = finite.tensor([rows, kv, dim], operand: 2)
            out = Tensor([rows, problem.heads, dim], placement: filling.placement)
            places = Tensor([rows, 4], placement: filling.placement)
            tables = Tensor([rows, problem.blocksPerText], placement: filling.placement)
            angles =
                problem.rotary
                ? RotaryAngles(positions: problem.keys, rotated: dim / 2 * 2, base: 10_000, halves: true) : nil
            let blocks = problem.blocksPerText
            for row in 0..<rows {
                let place = [problem.slot(row), problem.slot(row), problem.first(row), row * blocks]
                for (index, value) in place.enumerated() { places[4 * row + index] = Int64(value) }
                for block in 0..<blocks {
                    tables[row * blocks + block] = Int32(row * blocks + (row % 2 == 0 ? block : blocks - 1 - block))
                }
            }
            let slots = rows * blocks * problem.block
            let stored = { (filling: Filling, operand: UInt64) in
                let size = problem.format.rowBytes(dim: dim)
                let drawn = Filling(seed: filling.seed, pattern: filling.pattern)
                    .tensor([kv, slots, dim], operand: operand)
                let cache = Tensor<UInt8>([kv, slots, size], placement: filling.placement)
                for row in 0..<kv * slots {
                    let bytes = problem.format.stored(Array(drawn.values[row * dim..<(row + 1) * dim]))
                    for (index, byte) in bytes.enumerated() { cache[row * size + index] = byte }
                }
                return cache
            }
            keys = stored(filling, 3)
            values = stored(finite, 4)
            // What a row has to store first is none before.
            guard problem.stores else { return }
            for row in 0..<rows {
                for head in 0..<kv {
                    for cache in [keys, values] {
                        let size = problem.format.rowBytes(dim: dim)
                        let start = index(row, head, problem.slot(row)) * size
                        for byte in start..<start + size { cache[byte] = 0xff }
                    }
                }
            }
        }

        public var inputs: [KernelInput] {
            let (rows, kv) = (problem.rows, problem.kvHeads)
            let slots = rows * problem.blocksPerText * problem.block
            let turning =
                angles.map { [KernelInput("cosines", $0.cosines), KernelInput("sines", $0.sines)] } ?? []
            func raw<Element>(_ name: String, _ tensor: Tensor<Element>, _ shape: [Int]) -> KernelInput {
                KernelInput(name, .bytes, shape, UnsafeRawBufferPointer(tensor.values))
            }
            return [
                KernelInput("q", q), KernelInput("k", k), KernelInput("v", v), raw("rows", places, [rows, 32]),
                raw("tables", tables, [rows, 4 * problem.blocksPerText]),
                raw("keys", keys, [kv, slots, problem.format.rowBytes(dim: problem.dim)]),
                raw("values", values, [kv, slots, problem.format.rowBytes(dim: problem.dim)]),
            ] + turning
        }
        public var outputs: [Tensor<Float>] { [out] }
        public var bytes: Int { inputs.reduce(0) { $0 + $1.bytes.count } + out.bytes }

        /// Which row of the cache a slot of a text's head is.
        private func index(_ row: Int, _ head: Int, _ slot: Int) -> Int {
            let (blocks, block) = (problem.blocksPerText, problem.block)
            let table = Int(tables[row * blocks + slot / block])
            return head * problem.rows * blocks * block + table * block + slot % block
        }

        private func kept(_ cache: Tensor<UInt8>, _ row: Int, _ head: Int, _ slot: Int) -> [Float] {
            let size = problem.format.rowBytes(dim: problem.dim)
            return problem.format.values(
                UnsafeRawPointer(cache.pointer) + index(row, head, slot) * size, dim: problem.dim)
        }

        private func isOwn(_ row: Int, _ slot: Int) -> Bool { problem.stores && slot == problem.slot(row) }

        private func rounded(_ row: [Float]) -> [Float] {
            problem.format.stored(row).withUnsafeBytes { bytes in
                bytes.baseAddress.map { problem.format.values($0, dim: problem.dim) } ?? []
            }
        }

        /// The key of a slot as attention reads it.
        func key(_ row: Int, _ head: Int, _ slot: Int) -> [Float] {
            isOwn(row, slot) ? rounded(ownKey(row, head)) : kept(keys, row, head, slot)
        }

        func value(_ row: Int, _ head: Int, _ slot: Int) -> [Float] {
            isOwn(row, slot) ? rounded(ownValue(row, head)) : kept(values, row, head, slot)
        }

        /// The row's own key, turned.
        func ownKey(_ row: Int, _ head: Int) -> [Float] {
            turned(k, (row * problem.kvHeads + head) * problem.dim, position: problem.slot(row))
        }

        func ownValue(_ row: Int, _ head: Int) -> [Float] {
            let start = (row * problem.kvHeads + head) * problem.dim
            return Array(v.values[start..<start + problem.dim])
        }

        /// A query, turned.
        func query(_ row: Int, _ head: Int) -> [Float] {
            turned(q, (row * problem.heads + head) * problem.dim, position: problem.slot(row))
        }

        private func turned(_ tensor: Tensor<Float>, _ start: Int, position: Int) -> [Float] {
            var row = Array(tensor.values[start..<start + problem.dim])
            guard let angles else { return row }
            let pairs = problem.dim / 2
            for pair in 0..<pairs {
                let (a, b) = (row[pair], row[pair + pairs])
                let (cosine, sine) = (angles.cosines[position * pairs + pair], angles.sines[position * pairs + pair])
                row[pair] = a * cosine - b * sine
                row[pair + pairs] = a * sine + b * cosine
            }
            return row
        }
    }
}
