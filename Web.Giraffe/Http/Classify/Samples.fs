namespace Web.Giraffe

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography

/// A sample picture that the page offers.
type Sample =
    {
        /// The file's name, `traffic-light.png`; its address is `/samples/traffic-light.png`.
        Name: string
        /// The display name: `traffic light`.
        Title: string
        Bytes: byte[]
        /// The strong entity tag of the content, without quotes.
        Tag: string
    }

/// The sample pictures, read once at the start, in the order of their names.
[<Sealed>]
type Samples(all: Sample list) =
    let byName =
        all
        |> List.map (fun sample -> KeyValuePair(sample.Name, sample))
        |> fun pairs -> Dictionary(pairs, StringComparer.Ordinal)

    member _.All = all

    member _.TryFind(name: string) : Sample option =
        match byName.TryGetValue name with
        | true, sample -> Some sample
        | _ -> None

    /// Reads the `*.png` files of a folder. Returns no samples if the folder does not exist.
    static member Read(folder: string) : Samples =
        let sample (path: string) =
            let bytes = File.ReadAllBytes path
            let name = string (Path.GetFileName path)

            {
                Name = name
                Title = name.Substring(0, name.LastIndexOf '.').Replace('-', ' ').Replace('_', ' ')
                Bytes = bytes
                Tag = Convert.ToHexStringLower(SHA256.HashData bytes).Substring(0, 16)
            }

        if Directory.Exists folder then
            Directory.GetFiles(folder, "*.png")
            |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))
            |> Array.map sample
            |> List.ofArray
            |> Samples
        else
            Samples []
