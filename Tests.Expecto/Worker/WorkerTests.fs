/// The worker node.
module Tests.Expecto.Worker.WorkerTests

open Expecto

let tests =
    testList
        "Worker"
        [
            ResamplingTests.tests
            ResizeMethodsTests.tests
            PreprocessorTests.tests
            RefusedPicturesTests.tests
            ExifOrientationTests.tests
            StoredOrientationTests.tests
            FormatsTests.tests
            BitmapTests.tests
            RepairTests.tests
            JpegSegmentsTests.tests
            AllocationTests.tests
            ReferenceTests.tests
            FidelityTests.tests
            SecondOpinionTests.tests
            JpegContainerTests.tests
            WebPContainerTests.tests
            GifContainerTests.tests
            PngContainerTests.tests
            DecodeCostTests.tests
            LargeImageGateTests.tests
            PictureCostTests.tests
            ContainerFuzzTests.tests
            ModelStoreTests.tests
            DownloadTests.tests
            SettingsTests.tests
            WorkerServerTests.tests
            WorkerLimitsTests.tests
            WorkerProcessTests.tests
            ExecutorWatchdogTests.tests
            KeptConnectionTests.tests
            ModelImportTests.tests
            ModelCommandsTests.tests
            DamagedFilesTests.tests
            NetworkReferenceTests.tests
            TensorsTests.tests
            NetworkFormsTests.tests
            NetworkContradictionsTests.tests
            ModelRegistryTests.tests
            TopClassesTests.tests
            ClassTreeTests.tests
            ClassTreeFileTests.tests
            MapsTests.tests
            SamplesTests.tests
        ]
