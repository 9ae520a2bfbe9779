namespace Web.Giraffe

// The encoder's methods have pointers.
#nowarn "9"

open System
open System.Runtime.InteropServices
open System.Text.Encodings.Web
open Microsoft.FSharp.NativeInterop

/// Escapes what JSON requires, and `<`, which a page that embeds an answer might parse as markup. ASP.NET Core's default also
/// escapes apostrophes and quotes as numbers, so that an error is hard to read in a terminal.
[<Sealed>]
type ReadableJsonEncoder() =
    inherit JavaScriptEncoder()

    let inner = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    let escaped = "\\u003C"

    override _.MaxOutputCharactersPerInputCharacter =
        inner.MaxOutputCharactersPerInputCharacter

    override _.WillEncode(scalar: int) =
        scalar = int '<' || inner.WillEncode scalar

    override _.FindFirstCharacterToEncode(text: nativeptr<char>, length: int) : int =
        let first = inner.FindFirstCharacterToEncode(text, length)
        let markup = ReadOnlySpan<char>(NativePtr.toVoidPtr text, length).IndexOf '<'

        if first < 0 then markup
        elif markup < 0 then first
        else min first markup

    override _.TryEncodeUnicodeScalar
        (scalar: int, buffer: nativeptr<char>, length: int, [<Out>] written: byref<int>)
        : bool =
        if scalar <> int '<' then
            inner.TryEncodeUnicodeScalar(scalar, buffer, length, &written)
        elif length < escaped.Length then
            written <- 0
            false
        else
            escaped.CopyTo(Span<char>(NativePtr.toVoidPtr buffer, length))
            written <- escaped.Length
            true
