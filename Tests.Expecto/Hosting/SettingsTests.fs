/// Unknown names in each source of the configuration.
module Tests.Expecto.Hosting.SettingsTests

open System
open System.Collections.Generic
open System.IO
open System.Text
open Expecto
open Microsoft.Extensions.Configuration
open Node.Hosting.Settings
open Web.Giraffe

let private unknown (builder: IConfigurationBuilder) =
    List.ofSeq (UnknownSettings.Find(builder.Build(), NodeSettings.all))

let private inFile (json: string) =
    let folder = Directory.CreateTempSubdirectory "settings-"

    try
        File.WriteAllText(Path.Combine(folder.FullName, "appsettings.json"), json)
        unknown (ConfigurationBuilder().SetBasePath(folder.FullName).AddJsonFile "appsettings.json")
    finally
        folder.Delete true

let private inEnvironment name value =
    // A prefix keeps the variable from other tests' nodes.
    let variable = $"RECOGNITION_TEST_{name}"
    Environment.SetEnvironmentVariable(variable, value)

    try
        unknown (ConfigurationBuilder().AddEnvironmentVariables "RECOGNITION_TEST_")
    finally
        Environment.SetEnvironmentVariable(variable, null)

let tests =
    testList
        "Unknown settings"
        [
            test "unknown names and sections in appsettings.json are refused" {
                Expect.equal
                    (inFile
                        """{ "Pol": { "InFlight": 4 }, "Pool": { "InFlght": 4, "Queue": 5 }, "Workers": ["a:1"], "Extra": 1,
                             "Logging": { "LogLevel": { "Default": "None" } }, "AllowedHosts": "*" }""")
                    [
                        "Extra is not a setting (in appsettings.json). --help lists the options."
                        "Pol:InFlight is not a setting (in appsettings.json). Did you mean Pool:InFlight?"
                        "Pool:InFlght is not a setting (in appsettings.json). Did you mean Pool:InFlight?"
                    ]
                    "three"
            }

            test "a section takes an object, which may be empty, and a setting takes one value" {
                Expect.equal
                    (inFile
                        """{ "Pool": {}, "Http": 9999, "Upload": [], "Cache": { "MaxBytes": [1] },
                             "Api": { "Burst": { "a": 1, "b": 2 }, "Keys": [] } }""")
                    [
                        "Api:Burst takes one value, not an array or an object (in appsettings.json)."
                        "Cache:MaxBytes takes one value, not an array or an object (in appsettings.json)."
                        "Http is a section, and takes an object (in appsettings.json)."
                    ]
                    "three, each once"
            }

            testSequencedGroup
                "environment"
                (testList
                    "in the environment"
                    [
                        for name, expected in
                            [
                                "Pool__InFlght",
                                [
                                    "Pool:InFlght is not a setting (environment variable Pool__InFlght). Did you mean Pool:InFlight?"
                                ]
                                "Pol__InFlight",
                                [
                                    "Pol:InFlight is not a setting (environment variable Pol__InFlight). Did you mean Pool:InFlight?"
                                ]
                                "pool__inflight", []
                                "Workers__0", []
                                "Other__Program", []
                                "Worker__Port", []
                                "PATH", []
                            ] do
                            test name { Expect.equal (inEnvironment name "1") expected "as expected" }
                    ])

            test "the distance counts inserted, deleted and replaced letters" {
                for one, other, expected in
                    [
                        "", "abc", 3
                        "abc", "ABC", 0
                        "Pol", "Pool", 1
                        "prot", "port", 2
                        "kitten", "sitting", 3
                    ] do
                    Expect.equal (NearestName.Distance(one, other)) expected $"{one} {other}"
                    Expect.equal (NearestName.Distance(other, one)) expected $"{other} {one}"
            }
        ]
