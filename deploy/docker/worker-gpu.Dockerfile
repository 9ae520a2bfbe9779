# A worker for NVIDIA's devices: the worker's image with ONNX Runtime's CUDA package, on an image with CUDA 12 and cuDNN 9.
# It was neither built nor run.
#   docker build -f deploy/docker/worker-gpu.Dockerfile --build-arg DOTNET_IMAGES=REGISTRY/dotnet \
#     --build-arg CUDA_IMAGE=REGISTRY/cuda:12.9.1-cudnn-runtime-ubuntu24.04 --build-arg WORKER=recognition-worker:1.2.3 \
#     -t recognition-worker-gpu:1.2.3 .
ARG DOTNET_IMAGES
ARG CUDA_IMAGE
ARG WORKER=recognition-worker

FROM ${DOTNET_IMAGES}/sdk:10.0 AS cuda
ARG NUGET_SOURCE
WORKDIR /cuda
# The native half for the managed one in paket.lock: their first two numbers are the same.
RUN printf '%s' '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup><PackageDownload Include="Microsoft.ML.OnnxRuntime.Gpu.Linux" Version="[1.31.0]" /></ItemGroup></Project>' >cuda.csproj \
 && dotnet restore ${NUGET_SOURCE:+--source "$NUGET_SOURCE"} --packages packages cuda.csproj \
 && mkdir native \
 && cp packages/microsoft.ml.onnxruntime.gpu.linux/1.31.0/runtimes/linux-x64/native/*.so native/

FROM ${WORKER} AS worker

FROM ${CUDA_IMAGE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libssl3 \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /models && chown 65532:65532 /models
COPY --from=worker /app /app
COPY --from=cuda /cuda/native/ /app/
VOLUME /models
ENV Worker__Host=* Worker__Port=8888 Worker__Models=/models Worker__Metrics=9090 Worker__Device=cuda DOTNET_EnableDiagnostics=0
USER 65532:65532
WORKDIR /app
EXPOSE 8888 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["/app/Worker.Cs"]
