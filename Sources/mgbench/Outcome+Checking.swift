internal import History
internal import Kernels
internal import MiniGPT
internal import Records
internal import Sessions
internal import Tokenizers
internal import Weights

extension Outcome {
    /// Runs `body`; the typed errors that mean bad input become exit code 2 and their one line.
    static func checking<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as UsageError {
            throw Outcome.usage(error.description)
        } catch let error as RunFileError {
            throw Outcome.usage(error.description)
        } catch let error as HistoryError {
            throw Outcome.usage(error.description)
        } catch let error as GGUFError {
            throw Outcome.usage("\(error)")
        } catch let error as TokenizerError {
            throw Outcome.usage("\(error)")
        } catch let error as SafeTensorsError {
            throw Outcome.usage("\(error)")
        } catch let error as ModelSourceError {
            throw Outcome.usage("\(error)")
        } catch let error as WeightsWriteError {
            throw Outcome.usage("\(error)")
        } catch let error as LanguageModelError {
            throw Outcome.usage("\(error)")
        } catch let error as KernelSetError {
            throw Outcome.usage("\(error)")
        } catch let error as ModelError {
            throw Outcome.usage("\(error)")
        }
    }
}
