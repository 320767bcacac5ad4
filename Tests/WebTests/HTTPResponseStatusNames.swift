import HTTPTypes

/// What a status is called by the library that writes it.
enum HTTPResponseStatusNames {
    static func name(_ code: Int) -> String { HTTPResponse.Status(code: code).reasonPhrase }
}
