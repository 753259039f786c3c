namespace ContainerBuildGuard.Images;

/// <summary>Media types of manifests, configs and layers (OCI image specification, media types; Docker image manifest version 2, schema 2).</summary>
public static class MediaTypes
{
#pragma warning disable CS1591 // The names are the specifications'.
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayerTar = "application/vnd.oci.image.layer.v1.tar";
    public const string OciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string OciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerLayerTar = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerForeign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
#pragma warning restore CS1591

    private const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    private const string OciForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    private const string DockerLayer = "application/vnd.docker.image.rootfs.";

    /// <summary>True for an index or manifest list.</summary>
    public static bool IsIndex(string? mediaType) => mediaType is OciIndex or DockerManifestList;

    /// <summary>True for a single image manifest.</summary>
    public static bool IsManifest(string? mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>True for Docker's schema 1, signed or not.</summary>
    public static bool IsSchema1(string? mediaType) => mediaType is "application/vnd.docker.distribution.manifest.v1+json" or "application/vnd.docker.distribution.manifest.v1+prettyjws";

    /// <summary>True for a layer of a file system, whatever its compression, foreign or not.</summary>
    public static bool IsLayer(string? mediaType) =>
        mediaType is not null && (mediaType.StartsWith(OciLayer, StringComparison.Ordinal) || mediaType.StartsWith(DockerLayer, StringComparison.Ordinal) || IsForeignLayer(mediaType));

    /// <summary>True for a foreign (non-distributable) layer: registries need not hold it, its descriptor's <c>urls</c> say where it is (Windows base images).</summary>
    public static bool IsForeignLayer(string? mediaType) =>
        mediaType is not null && (mediaType.StartsWith(OciForeignLayer, StringComparison.Ordinal) || mediaType.StartsWith(DockerLayerForeign, StringComparison.Ordinal));
}
