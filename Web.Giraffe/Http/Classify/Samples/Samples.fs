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
        /// A small WebP to show, and its tag. A folder of the operator's need not have one.
        Preview: (byte[] * string) option
    }

    /// The name without its extension: `traffic-light`.
    member sample.Key = sample.Name.Substring(0, sample.Name.LastIndexOf '.')

    /// The address of what a page shows, with a version, so that browsers keep it.
    member sample.Shown =
        match sample.Preview with
        | Some(_, tag) -> $"/samples/previews/{sample.Key}.webp?v={tag}"
        | None -> $"/samples/{sample.Name}?v={sample.Tag}"

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

    /// Finds the sample of a preview by the preview's name: `traffic-light.webp`.
    member samples.TryFindPreview(name: string) : (byte[] * string) option =
        if name.EndsWith(".webp", StringComparison.Ordinal) then
            samples.TryFind(name.Substring(0, name.Length - 5) + ".png")
            |> Option.bind _.Preview
        else
            None

    /// Reads the `*.png` files of a folder, and their previews in `.previews`. Returns no samples if the folder does not
    /// exist.
    static member Read(folder: string) : Samples =
        let tagOf (bytes: byte[]) =
            Convert.ToHexStringLower(SHA256.HashData bytes).Substring(0, 16)

        let sample (path: string) =
            let bytes = File.ReadAllBytes path
            let name = string (Path.GetFileName path)

            let preview =
                Path.Combine(folder, ".previews", $"{Path.GetFileNameWithoutExtension name}.webp")

            {
                Name = name
                Title = name.Substring(0, name.LastIndexOf '.').Replace('-', ' ').Replace('_', ' ')
                Bytes = bytes
                Tag = tagOf bytes
                Preview =
                    if File.Exists preview then
                        let bytes = File.ReadAllBytes preview
                        Some(bytes, tagOf bytes)
                    else
                        None
            }

        if Directory.Exists folder then
            Directory.GetFiles(folder, "*.png")
            |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))
            |> Array.map sample
            |> List.ofArray
            |> Samples
        else
            Samples []
