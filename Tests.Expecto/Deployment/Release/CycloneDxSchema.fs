/// CycloneDX's schema for lists of components.
[<RequireQualifiedAccess>]
module Tests.Expecto.Deployment.CycloneDxSchema

open System
open System.IO
open System.Runtime.Loader
open System.Text.Json
open Tests.Expecto

/// The schema's own validator, from the tool that `dotnet tool restore` brings; it has no package of its own.
let private validator =
    lazy
        (let version =
            let tools =
                JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.root, ".config", "dotnet-tools.json")))

            string (tools.RootElement.GetProperty("tools").GetProperty("cyclonedx").GetProperty "version")

         let home =
             Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")

         // `dotnet tool restore` leaves a tool where an earlier restore has put it, whatever the variable says now.
         let library =
             [ Environment.GetEnvironmentVariable "NUGET_PACKAGES"; home ]
             |> List.choose Option.ofObj
             |> List.map (fun packages ->
                 Path.Combine(packages, "cyclonedx", version, "tools", "net10.0", "any", "CycloneDX.Core.dll"))
             |> fun places -> List.tryFind File.Exists places |> Option.defaultValue (List.last places)

         let context = AssemblyLoadContext "CycloneDX"

         context.add_Resolving (fun context name ->
             let path =
                 Path.Combine(Unchecked.nonNull (Path.GetDirectoryName library), $"{name.Name}.dll")

             if File.Exists path then
                 context.LoadFromAssemblyPath path
             else
                 null)

         let assembly = context.LoadFromAssemblyPath library

         let specification =
             assembly.GetType "CycloneDX.SpecificationVersion" |> Unchecked.nonNull

         let check =
             (assembly.GetType "CycloneDX.Json.Validator" |> Unchecked.nonNull)
                 .GetMethod("Validate", [| typeof<string>; specification |])
             |> Unchecked.nonNull

         let newest = Enum.Parse(specification, "v1_6")

         fun (json: string) ->
             let result = check.Invoke(null, [| json; newest |]) |> Unchecked.nonNull

             let get (name: string) =
                 (result.GetType().GetProperty name |> Unchecked.nonNull).GetValue result

             unbox<bool>(get "Valid"),
             [
                 for message in (Unchecked.nonNull (get "Messages") :?> seq<string>) -> message
             ])

/// Returns whether a list in JSON is valid by version 1.6 of the schema, and the errors.
let validate (json: string) : bool * string list = validator.Value json
