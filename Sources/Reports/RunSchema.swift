/// The format of a run's JSON, as a JSON Schema (draft 2020-12) for readers that are not mgbench.
public enum RunSchema {
    /// The schema of `Run.schemaVersion`.
    public static var json: String { PageTemplates.file("run.schema.json") }
}
