# The worker's node as an image. DOTNET_IMAGES is the registry's folder of .NET's images: no registry is named in the tree.
#   docker build -f deploy/docker/worker.Dockerfile --build-arg DOTNET_IMAGES=REGISTRY/dotnet -t recognition-worker .
ARG DOTNET_IMAGES

FROM ${DOTNET_IMAGES}/sdk:10.0 AS build
ARG RUNTIME=linux-x64
# A feed of one's own, instead of the image's.
ARG NUGET_SOURCE
WORKDIR /source
COPY global.json Directory.Build.props .editorconfig paket.dependencies paket.lock LICENSE ./
COPY .config/ .config/
COPY .paket/ .paket/
COPY FileFormats/ FileFormats/
COPY Protocol.Core/ Protocol.Core/
COPY Transport/ Transport/
COPY models/ models/
COPY Worker.Cs/ Worker.Cs/
RUN dotnet tool restore \
 && dotnet publish Worker.Cs/Worker.Cs.csproj -c Release -r "$RUNTIME" --self-contained -nologo \
    -p:PublishReadyToRun=true -p:DebugType=none -o /app \
 && rm -f /app/onnxruntime*.dll \
 && chmod -R a+rX /app

FROM ${DOTNET_IMAGES}/runtime-deps:10.0
COPY --from=build /app /app
COPY LICENSE /app/
# The files of the model are fetched to /models; a read-only root file system needs a volume there.
RUN mkdir /models && chown 65532:65532 /models
VOLUME /models
ENV Worker__Host=* Worker__Port=8888 Worker__Models=/models DOTNET_EnableDiagnostics=0
USER 65532:65532
WORKDIR /app
EXPOSE 8888
# That the port is open: the worker opens it when it has named a first picture.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8888"]
ENTRYPOINT ["/app/Worker.Cs"]
