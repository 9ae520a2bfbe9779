namespace Protocol.Core

open System
open System.Buffers.Binary

/// Numbers of a tensor: float32, little-endian.
[<RequireQualifiedAccess>]
module TensorValues =

    [<Literal>]
    let private Size = 4

    let toBytes (values: float32[]) : ReadOnlySpan<byte> =
        let bytes = Array.zeroCreate<byte>(Size * values.Length)

        for index in 0 .. values.Length - 1 do
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(Size * index), values[index])

        ReadOnlySpan bytes

    /// Reads as many numbers as the bytes hold.
    let ofBytes (bytes: byte[]) : float32[] =
        Array.init (bytes.Length / Size) (fun index ->
            BinaryPrimitives.ReadSingleLittleEndian(ReadOnlySpan(bytes, Size * index, Size)))
