package org.openhab.core.addon;

/** The fields that the UI reads. */
public class Addon {
    public final String uid;
    public String id;
    public String label;
    public String version = "";
    public String type;
    public String contentType;
    public String author = "";
    public String description;
    public String connection = "";
    public boolean installed;

    private Addon(String uid) {
        this.uid = uid;
    }

    public String getType() {
        return type;
    }

    public boolean isInstalled() {
        return installed;
    }

    public static Builder create(String uid) {
        return new Builder(uid);
    }

    public static class Builder {
        private final Addon made;

        private Builder(String uid) {
            made = new Addon(uid);
        }

        public Builder withType(String type) {
            made.type = type;
            return this;
        }

        public Builder withId(String id) {
            made.id = id;
            return this;
        }

        public Builder withLabel(String label) {
            made.label = label;
            return this;
        }

        public Builder withVersion(String version) {
            made.version = version;
            return this;
        }

        public Builder withContentType(String contentType) {
            made.contentType = contentType;
            return this;
        }

        public Builder withAuthor(String author) {
            made.author = author;
            return this;
        }

        public Builder withDescription(String description) {
            made.description = description;
            return this;
        }

        public Builder withConnection(String connection) {
            made.connection = connection;
            return this;
        }

        public Builder withInstalled(boolean installed) {
            made.installed = installed;
            return this;
        }

        public Addon build() {
            if (made.uid.isBlank() || made.type.isBlank() || made.id.isBlank()) {
                throw new IllegalArgumentException("uid, type and id must not be empty");
            }
            return made;
        }
    }
}
