CREATE TABLE public.loaded_manifests (
    manifest VARCHAR(2048) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
)
