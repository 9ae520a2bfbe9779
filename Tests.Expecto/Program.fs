module Tests.Expecto.Program

open Expecto

let private all =
    testList
        "Recognition"
        [
            TimeLimitTests.tests
            testList
                "Protocol"
                [
                    Protocol.ChecksumTests.tests
                    Protocol.ImageBytesTests.tests
                    Protocol.MessageTests.tests
                    Protocol.FrameReaderTests.tests
                    Protocol.PredictionTests.tests
                    Protocol.AnswerTextTests.tests
                    Protocol.WorkerExchangeTests.tests
                    Protocol.WorkerRetransmissionTests.tests
                    Protocol.ClientExchangeTests.tests
                    Protocol.ExtendedTests.tests
                    Protocol.NetworkTests.tests
                    Protocol.OriginalNetworkTests.tests
                    Protocol.VectorsTests.tests
                ]
            testList
                "Http"
                [
                    Web.GiraffeTests.tests
                    Web.ImageFormatTests.tests
                    Web.UploadTests.tests
                    Web.RefusalTests.tests
                    Web.UploadLimitsTests.tests
                    Web.UploadLeaseTests.tests
                    Web.ByteBudgetTests.tests
                    Web.FormPartsTests.tests
                    Web.BatchTests.tests
                    Web.CorsTests.tests
                    Web.ClassifyOptionsTests.tests
                    Web.ClassifyBodiesTests.tests
                    Web.ClientFormsTests.tests
                    Web.BodyTimesTests.tests
                    Web.ConnectionLimiterTests.tests
                    Web.ConnectionsTests.tests
                    Web.EarlyAnswersTests.tests
                    Web.EncodedBodyTests.tests
                    Web.PredictTests.tests
                    Web.RepositoryTests.tests
                    Web.LongRowsTests.tests
                    Web.TensorTypesTests.tests
                    Web.GrpcTests.tests
                    Web.GrpcServicesTests.tests
                    Web.GrpcErrorsTests.tests
                    Web.GrpcLimitsTests.tests
                    Web.GrpcCostTests.tests
                    Web.AdminGuardTests.tests
                    Web.AdminGuardPagesTests.tests
                    Web.LoginThrottleTests.tests
                    Web.AdminTokenFileTests.tests
                    Web.AdminTests.tests
                    Web.WorkersApiTests.tests
                    Web.AdminAccessTests.tests
                    Web.ConfirmationTests.tests
                    Web.PagesTests.tests
                    Web.ResponsesTests.tests
                    Web.ImageFetchTests.tests
                    Web.TextsTests.tests
                    Web.CompressionTests.tests
                    Web.TrafficTests.tests
                    Web.LiveTests.tests
                    Web.NodeTests.tests
                    Web.ReadinessTests.tests
                    Web.OpenApiTests.tests
                    Web.BatchUploadTests.tests
                    Web.ApiKeysTests.tests
                    Web.SignInTests.tests
                    Web.RateLimitTests.tests
                    Web.ApiSettingsTests.tests
                    Web.InferenceTests.tests
                    Web.InferenceErrorsTests.tests
                    Web.InferenceMemoryTests.tests
                ]
            testList
                "Workers"
                [
                    Web.WorkerAddressTests.tests
                    Web.PoolStateTests.tests
                    Web.WorkerRepliesTests.tests
                    Web.RetryBudgetTests.tests
                    Web.RetryQueueTests.tests
                    Web.DeadlineTests.tests
                    Web.WorkerClientTests.tests
                    Web.ConnectionPoolTests.tests
                    Web.NegotiationTests.tests
                    Web.RenegotiationTests.tests
                    Web.OriginalWorkerTests.tests
                    Web.PlainSupportTests.tests
                    Web.ExtendedTests.tests
                    Web.ModelRoutingTests.tests
                    Web.ModelChangesTests.tests
                    Web.ResponseCacheTests.tests
                    Web.DispatcherTests.tests
                    Web.LimitsTests.tests
                    Web.WorkerPoolTests.tests
                    Web.WaitQueueTests.tests
                    Web.FileWorkerStoreTests.tests
                    Web.HealthChecksTests.tests
                    Web.WorkerServicesTests.tests
                    Web.FaultsTests.tests
                ]
            Tls.TlsTests.tests
            Samples.SamplesTests.tests
            testList
                "EndToEnd"
                [
                    EndToEnd.OldPeersTests.tests
                    EndToEnd.ExtendedTests.tests
                    EndToEnd.ServiceTests.tests
                    EndToEnd.LifeTests.tests
                    EndToEnd.StartTests.tests
                    EndToEnd.RunTests.tests
                    EndToEnd.ApiDocsTests.tests
                    EndToEnd.ClientsTests.tests
                    EndToEnd.ExamplesTests.tests
                    EndToEnd.ClientPackageTests.tests
                    EndToEnd.ModelsTests.tests
                    EndToEnd.InferenceTests.tests
                    EndToEnd.GrpcTests.tests
                    EndToEnd.AnswersTests.tests
                    EndToEnd.RefusalTests.tests
                    EndToEnd.BrokenUploadsTests.tests
                ]
            testList
                "Operations"
                [
                    Operations.MetricsTests.tests
                    Operations.WorkerSeriesTests.tests
                    Operations.TracesTests.tests
                    Operations.LogsTests.tests
                    Operations.LogTextTests.tests
                    Operations.SharedWorkersTests.tests
                    Operations.RedisTests.tests
                    Operations.RedisFailuresTests.tests
                    Operations.RedisSetupsTests.tests
                    Operations.ExpiredAnnouncementsTests.tests
                    Operations.ProbesTests.tests
                    Operations.NamesTests.tests
                ]
            testList
                "Faults"
                [
                    Faults.ProxyTests.tests
                    Faults.ProxyFaultTests.tests
                    Faults.ScenarioTests.tests
                ]
            testList "Bench" [ Bench.LoadTests.tests; Bench.CompareTests.tests; Bench.MicroTests.tests ]
            testList "Wire" [ Wire.ScenarioTests.tests ]
            testList "Scale" [ Scale.SimulationTests.tests ]
            testList
                "Browser"
                [
                    Browser.PageTests.tests
                    Browser.StatesTests.tests
                    Browser.SharingTests.tests
                    Browser.ModelsPageTests.tests
                    Browser.WorkersPageTests.tests
                    Browser.DocsTests.tests
                    Browser.FirstVisitTests.tests
                    Browser.ErrorsTests.tests
                    Browser.BatchPageTests.tests
                    Browser.AnswerTests.tests
                    Browser.BatchTests.tests
                    Browser.CameraTests.tests
                    Browser.WaysInTests.tests
                    Browser.WordingTests.tests
                    Browser.TouchAndKeyboardTests.tests
                    Browser.WorkersStatesTests.tests
                    Browser.WorkersManyTests.tests
                    Browser.SiteTests.tests
                    Browser.FilesTests.tests
                    Browser.AccessTests.tests
                    Browser.WorkersLinkTests.tests
                    Browser.ForeignPageTests.tests
                ]
            testList
                "CommandLine"
                [
                    CommandLine.RecognizeTests.tests
                    CommandLine.FilesTests.tests
                    CommandLine.CsvTests.tests
                    CommandLine.AnswerCommandsTests.tests
                    CommandLine.AccuracyTests.tests
                    CommandLine.ModelsTests.tests
                    CommandLine.ModelTableTests.tests
                    CommandLine.TerminalTests.tests
                    CommandLine.ServerTests.tests
                    CommandLine.ScriptTests.tests
                ]
            testList
                "Deployment"
                [
                    Deployment.ManifestsTests.tests
                    Deployment.ChartTests.tests
                    Deployment.RulesTests.tests
                    Deployment.ImagesTests.tests
                    Deployment.UnitsTests.tests
                    Deployment.ReleaseTests.tests
                    Deployment.FirstHourTests.tests
                    Deployment.DocsTests.tests
                    Deployment.BasePathTests.tests
                    Deployment.ProxyTests.tests
                ]
            testList
                "Worker"
                [
                    Worker.ResamplingTests.tests
                    Worker.ResizeMethodsTests.tests
                    Worker.PreprocessorTests.tests
                    Worker.RefusedPicturesTests.tests
                    Worker.ExifOrientationTests.tests
                    Worker.StoredOrientationTests.tests
                    Worker.FormatsTests.tests
                    Worker.BitmapTests.tests
                    Worker.RepairTests.tests
                    Worker.JpegSegmentsTests.tests
                    Worker.AllocationTests.tests
                    Worker.ReferenceTests.tests
                    Worker.FidelityTests.tests
                    Worker.SecondOpinionTests.tests
                    Worker.ModelStoreTests.tests
                    Worker.DownloadTests.tests
                    Transport.SettingsTests.tests
                    Worker.SettingsTests.tests
                    Worker.WorkerServerTests.tests
                    Worker.WorkerLimitsTests.tests
                    Worker.WorkerProcessTests.tests
                    Worker.ExecutorWatchdogTests.tests
                    Worker.KeptConnectionTests.tests
                    Worker.ModelImportTests.tests
                    Worker.TimmImportTests.tests
                    Worker.ModelCommandsTests.tests
                    Worker.DamagedFilesTests.tests
                    Worker.ShippedModelsTests.tests
                    Worker.NetworkReferenceTests.tests
                    Worker.TensorsTests.tests
                    Worker.NetworkFormsTests.tests
                    Worker.NetworkContradictionsTests.tests
                    Worker.ModelRegistryTests.tests
                    Worker.TopClassesTests.tests
                    Worker.ClassTreeTests.tests
                    Worker.MapsTests.tests
                    Worker.ReceiveBlocksTests.tests
                ]
            testList
                "Hostile"
                [
                    Hostile.AllowedNetworksTests.tests
                    Hostile.SpecialAddressTests.tests
                    Hostile.PictureCostTests.tests
                    Hostile.RetriedPictureTests.tests
                    Hostile.ContainerFuzzTests.tests
                    Hostile.AttacksTests.tests
                ]
        ]

/// The counts that end a run, alone on a line, whatever else was printed before them.
let private closing (summary: Impl.TestRunSummary) =
    let failed = summary.failed.Length + summary.errored.Length

    match summary.ignored.Length with
    | 0 -> $"{summary.passed.Length} passed, {failed} failed"
    | skipped -> $"{summary.passed.Length} passed, {failed} failed, {skipped} skipped"

[<EntryPoint>]
let main args =
    let mutable last = None
    let printer = Impl.TestPrinters.defaultPrinter

    let remembering =
        { printer with
            summary =
                fun config summary ->
                    last <- Some(closing summary)
                    printer.summary config summary
        }

    let exitCode =
        runTestsWithCLIArgs [ CLIArguments.Printer remembering ] args (TimeLimit.onEvery TimeLimit.standard all)

    Option.iter (printfn "%s") last
    exitCode
