# The web's node as an image. DOTNET_IMAGES is the registry's folder of .NET's images: no registry is named in the tree.
#   docker build -f deploy/docker/web.Dockerfile --build-arg DOTNET_IMAGES=REGISTRY/dotnet -t recognition-web .
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
COPY OpenInference.Grpc/ OpenInference.Grpc/
COPY Protocol.Core/ Protocol.Core/
COPY Transport/ Transport/
COPY samples/ samples/
COPY Web.Giraffe/ Web.Giraffe/
RUN dotnet tool restore \
 && dotnet publish Web.Giraffe/Web.Giraffe.fsproj -c Release -r "$RUNTIME" --self-contained -nologo \
    -p:PublishReadyToRun=true -p:DebugType=none -o /app \
 && chmod -R a+rX /app

FROM ${DOTNET_IMAGES}/runtime-deps:10.0
COPY --from=build /app /app
COPY LICENSE /app/
ENV Http__Port=9999 Registry__Path= DOTNET_EnableDiagnostics=0
USER 65532:65532
WORKDIR /app
EXPOSE 9999 8001
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9999 && printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["/app/Web.Giraffe"]
