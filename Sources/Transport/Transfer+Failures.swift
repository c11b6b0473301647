import CLibCurl

/// What libcurl's codes mean here.
extension Transfer {
    func explain(_ code: CURLcode) -> TransportFailure {
        let reported = String(cString: message)
        let text = reported.isEmpty ? String(cString: curl_easy_strerror(code)) : reported
        let secrets = request.credential?.secrets ?? []
        let detail = "\(url.host): " + Redaction.apply(to: text, secrets: secrets)
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_PROXY, CURLE_INTERFACE_FAILED:
            return .unreachable(detail)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED:
            return .tls(detail)
        case CURLE_OPERATION_TIMEDOUT: return timeout(text)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalid(detail)
        case CURLE_OUT_OF_MEMORY: return .overloaded(detail)
        default: return .interrupted(detail)
        }
    }

    func timeout(_ text: String) -> TransportFailure {
        .timedOut("\(url.host): \(Redaction.apply(to: text, secrets: []))")
    }
}
