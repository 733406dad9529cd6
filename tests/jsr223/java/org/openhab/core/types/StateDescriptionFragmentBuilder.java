package org.openhab.core.types;

public class StateDescriptionFragmentBuilder {
    private boolean readOnly;

    public static StateDescriptionFragmentBuilder create() {
        return new StateDescriptionFragmentBuilder();
    }

    public StateDescriptionFragmentBuilder withReadOnly(Boolean value) {
        readOnly = value;
        return this;
    }

    public StateDescriptionFragment build() {
        return new StateDescriptionFragment(readOnly);
    }
}
