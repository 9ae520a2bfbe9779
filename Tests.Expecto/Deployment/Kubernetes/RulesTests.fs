/// Prometheus's rules and the dashboard: their metrics, and the runbook of each alert.
module Tests.Expecto.Deployment.RulesTests

open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto

let private folder = Path.Combine(Repository.root, "deploy", "prometheus")

let private rules () =
    Yaml.documents (Path.Combine(folder, "recognition.rules.yaml"))
    |> List.collect (Yaml.list [ "groups" ])
    |> List.collect (Yaml.list [ "rules" ])

let private promtool =
    testTask "promtool finds the configuration and the rules in order, and the alerts fire as their tests say" {
        for arguments in
            [
                [ "check"; "config"; Path.Combine(folder, "prometheus.yaml") ]
                [ "check"; "rules"; Path.Combine(folder, "recognition.rules.yaml") ]
                [ "test"; "rules"; Path.Combine(folder, "recognition.rules.test.yaml") ]
            ] do
            let! code, output = Programs.run "promtool" arguments ""
            Expect.equal code 0 output
    }

let private documented =
    test "every alert is tested, has a section in the runbook, and asks for metrics that there are" {
        let metrics =
            File.ReadAllText(Path.Combine(Repository.root, "docs", "operations.md"))

        let runbook = File.ReadAllText(Path.Combine(Repository.root, "docs", "runbook.md"))

        let tested = File.ReadAllText(Path.Combine(folder, "recognition.rules.test.yaml"))

        let alerts =
            rules () |> List.filter (fun rule -> Option.isSome (Yaml.find [ "alert" ] rule))

        Expect.isGreaterThan alerts.Length 10 "they are found"

        for rule in alerts do
            let name = Yaml.text [ "alert" ] rule
            Expect.isTrue (Regex.IsMatch(runbook, $"^## {name}$", RegexOptions.Multiline)) $"{name} in the runbook"
            Expect.stringContains tested $"alertname: {name}\n        exp_alerts:" $"{name} is tested"

            Expect.equal
                (Yaml.text [ "annotations"; "runbook" ] rule)
                $"docs/runbook.md#{name.ToLowerInvariant()}"
                "its link"

        for rule in rules () do
            for found in Regex.Matches(Yaml.text [ "expr" ] rule, @"\brecognition_[a-z_]+\b(?!\()") do
                let histogram = Regex.Replace(found.Value, "_(bucket|count|sum)$", "")

                if histogram <> "recognition_" then
                    Expect.stringContains metrics histogram "a metric"
    }

let private selected =
    test "the dashboard's queries are for the jobs and instances that are selected" {
        use dashboard =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.root, "deploy", "grafana", "recognition.json")))

        let root = dashboard.RootElement

        let variables =
            [
                for one in root.GetProperty("templating").GetProperty("list").EnumerateArray() ->
                    string (one.GetProperty "name")
            ]

        Expect.containsAll variables [ "job"; "instance" ] "variables"

        for panel in root.GetProperty("panels").EnumerateArray() do
            for target in panel.GetProperty("targets").EnumerateArray() do
                let query = string (target.GetProperty "expr")

                let series =
                    Regex.Matches(query, @"\b(recognition|dotnet|http_server|kestrel)_[a-z_]+\b(?=[{\[])")

                let selections = Regex.Matches(query, @"\{job=~""\$job"",instance=~""\$instance""")
                Expect.isGreaterThan series.Count 0 query
                Expect.equal selections.Count series.Count query
    }

let tests = testList "Rules" [ promtool; documented; selected ]
