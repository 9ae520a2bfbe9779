namespace Web.Giraffe

open System
open System.Buffers.Text
open System.Globalization
open System.Security.Cryptography
open System.Text

/// Short-lived tokens that this node signs and later verifies. Nothing is stored. Web nodes with the same key accept
/// each other's tokens. A token becomes invalid with its key.
[<RequireQualifiedAccess>]
module SignedToken =
    // token = expiry "." signature; seconds since 1970, and HMAC-SHA256 in base64url.
    let private sign (key: byte[]) (purpose: string) (expiry: string) =
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes $"{expiry}\n{purpose}")
        |> Base64Url.EncodeToString

    let issue (key: byte[]) (purpose: string) (expires: DateTimeOffset) : string =
        let expiry = expires.ToUnixTimeSeconds().ToString CultureInfo.InvariantCulture
        $"{expiry}.{sign key purpose expiry}"

    /// Returns whether `token` was issued with this key for this purpose, and has not expired.
    let isValid (key: byte[]) (purpose: string) (now: DateTimeOffset) (token: string) : bool =
        match token.Split '.' with
        | [| expiry; signature |] ->
            let isCurrent =
                match Int64.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture) with
                | true, seconds -> seconds > now.ToUnixTimeSeconds()
                | _ -> false

            isCurrent
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(sign key purpose expiry),
                Encoding.UTF8.GetBytes signature
            )
        | _ -> false
