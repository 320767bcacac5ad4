public import Records

/// What a machine allows at most, asked for each row once it has its time.
public protocol RoofSource {
    /// Places a row with its statistic under the roof that bounds it; nil if no roof was measured for it.
    func place(_ row: VariantRecord) -> RoofRecord?
}
