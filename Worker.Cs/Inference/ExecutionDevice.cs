using Microsoft.ML.OnnxRuntime;

namespace Worker.Inference;

/// <summary>The device that runs a network.</summary>
public enum ExecutionDevice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first NVIDIA GPU, where ONNX Runtime's GPU package is installed.</summary>
    Cuda,
}

/// <summary>Selects the device in a session's options.</summary>
internal static class ExecutionDevices
{
    /// <summary>Adds the device's execution provider; fails if this build of ONNX Runtime does not have it.</summary>
    public static Outcome<ExecutionDevice> TryUse(
        this ExecutionDevice device, Microsoft.ML.OnnxRuntime.SessionOptions options)
    {
        try
        {
            if (device == ExecutionDevice.Cuda)
            {
                options.AppendExecutionProvider_CUDA();
            }

            return new Outcome<ExecutionDevice>.Ok(device);
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return new Outcome<ExecutionDevice>.Failed(
                "--device cuda needs the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime, "
                + $"CUDA and cuDNN: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
