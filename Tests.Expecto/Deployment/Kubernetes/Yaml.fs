/// The manifests as values.
namespace Tests.Expecto.Deployment

open System.IO
open YamlDotNet.RepresentationModel

[<RequireQualifiedAccess>]
module Yaml =
    let private read (reader: TextReader) =
        let stream = YamlStream()
        stream.Load reader
        [ for document in stream.Documents -> document.RootNode ]

    let documents (path: string) =
        use reader = File.OpenText path
        read reader

    let parse (text: string) =
        use reader = new StringReader(text)
        read reader

    /// What lies on the way of keys, where it does.
    let rec find (keys: string list) (node: YamlNode) : YamlNode option =
        match keys, node with
        | [], node -> Some node
        | key :: rest, (:? YamlMappingNode as map) ->
            match map.Children.TryGetValue(YamlScalarNode key) with
            | true, found -> find rest found
            | _ -> None
        | _ -> None

    let get keys node =
        match find keys node with
        | Some found -> found
        | None -> failwithf "there is no %A in %O" keys node

    let text keys node =
        match get keys node with
        | :? YamlScalarNode as scalar -> string scalar.Value
        | other -> failwithf "%A is no text: %O" keys other

    let list keys node =
        match find keys node with
        | Some(:? YamlSequenceNode as items) -> List.ofSeq items.Children
        | _ -> []

    /// A mapping of texts, as pairs in order of the keys.
    let pairs keys node =
        match get keys node with
        | :? YamlMappingNode as map -> [ for item in map.Children -> string item.Key, string item.Value ] |> List.sort
        | other -> failwithf "%A is no mapping: %O" keys other
